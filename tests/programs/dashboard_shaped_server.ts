/** Answers health as a dashboard does. Argument: the port. */
const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} },
  () => Response.json({ status: "ok", project_path: "/project" }),
);
await server.finished;
