/** Redirects to another port. Arguments: its port, the other port. */
const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} },
  () => Response.redirect(`http://127.0.0.1:${Deno.args[1]}/api/health`),
);
await server.finished;
