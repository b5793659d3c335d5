/** Brings the database to the newest version; run as often as you like. */

import postgres from "postgres";

const directory = new URL("migrations/", import.meta.url);
const sql = postgres(Deno.env.get("DATABASE_URL") ?? "", {
  max: 1,
  onnotice: () => undefined,
});

await sql`create table if not exists migrations (name text primary key)`;
const names = (await Array.fromAsync(Deno.readDir(directory)))
  .map(({ name }) => name).sort();
for (const name of names) {
  const text = await Deno.readTextFile(new URL(name, directory));
  await sql.begin(async (step) => {
    const [isNew] = await step`
      insert into migrations (name) values (${name})
      on conflict do nothing returning name`;
    if (isNew === undefined) return;
    await step.unsafe(text);
    console.log(`Applied ${name}`);
  });
}
await sql.end();
console.log("The database is up to date.");
