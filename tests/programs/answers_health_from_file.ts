/** Answers every request with a file. Arguments: the port, the file. */
const port = Number(Deno.args[0]);
const file = Deno.args[1] ?? "";
const server = Deno.serve(
  { hostname: "127.0.0.1", port, onListen: () => {} },
  async () => {
    const health = JSON.parse(await Deno.readTextFile(file));
    return Response.json({ ...health, owner: { pid: Deno.pid, port } });
  },
);
await server.finished;
