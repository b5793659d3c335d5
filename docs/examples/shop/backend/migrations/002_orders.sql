create table orders (
  id integer generated always as identity primary key,
  product_id integer not null references products,
  quantity integer not null check (quantity between 1 and 100),
  ordered_at timestamptz not null default now()
);
