/** Answers with a body without end. Argument: the port. */
const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} },
  () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(4096));
        },
      }),
    ),
);
await server.finished;
