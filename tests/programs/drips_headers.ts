/** Sends a head that never ends, one byte at a time. Argument: the port. */
const listener = Deno.listen({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
});
async function drip(connection: Deno.Conn) {
  const byte = new TextEncoder().encode("x");
  try {
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nX: "));
    while (true) {
      await connection.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } catch {
    // The prober has left.
  }
}
for await (const connection of listener) drip(connection);
