/** A third party: answers every request with a page. Argument: the port. */
const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} },
  () => new Response("hello"),
);
await server.finished;
