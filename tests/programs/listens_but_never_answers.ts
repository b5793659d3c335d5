/** Accepts connections and stays silent. Argument: the port. */
const listener = Deno.listen({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
});
const kept: Deno.Conn[] = [];
for await (const connection of listener) kept.push(connection);
