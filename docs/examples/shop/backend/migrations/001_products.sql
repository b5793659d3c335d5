create table products (
  id integer generated always as identity primary key,
  name text not null,
  price_cents integer not null check (price_cents >= 0)
);

insert into products (name, price_cents) values
  ('Teapot', 2400),
  ('Cup', 700),
  ('Spoon', 250);
