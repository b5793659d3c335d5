/**
 * Looks like a daemon as far as the test says. First argument: its nature as
 * JSON; the arguments behind it only shape the argument vector.
 */
interface Nature {
  readonly port: number;
  /** Health payload; `pid` and `port` of `owner` are filled in when absent. */
  readonly health: Record<string, unknown>;
  /** Status of the answer to a shutdown request; 200 makes it end. */
  readonly shutdownStatus: number;
  readonly ignoresSigterm: boolean;
  /** File that gets the bodies of all shutdown requests. */
  readonly shutdownLog?: string;
}

const nature: Nature = JSON.parse(Deno.args[0] ?? "{}");
if (nature.ignoresSigterm) {
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => {});
  }
}
const owner = nature.health["owner"];
const health = typeof owner === "object" && owner !== null
  ? { ...nature.health, owner: { pid: Deno.pid, port: nature.port, ...owner } }
  : nature.health;
const server = Deno.serve(
  { hostname: "127.0.0.1", port: nature.port, onListen: () => {} },
  async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/api/shutdown") return Response.json(health);
    const body = await request.text();
    if (nature.shutdownLog !== undefined) {
      await Deno.writeTextFile(nature.shutdownLog, body + "\n", {
        append: true,
      });
    }
    if (nature.shutdownStatus === 200) setTimeout(() => Deno.exit(0), 10);
    return Response.json({}, { status: nature.shutdownStatus });
  },
);
await server.finished;
