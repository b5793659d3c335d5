/** The reference server of the bundle in a process of its own. */

/** A server that ends with its bench. */
export interface BenchServer extends AsyncDisposable {
  /** Its address. */
  readonly url: string;
}

/** Token that it accepts. */
export const BENCH_TOKEN = "token-of-a-bench";

/** Starts `reeve server run` on a free port. */
export async function startServer(
  main: string,
  directory: string,
): Promise<BenchServer> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-prompt",
      "--quiet",
      main,
      "server",
      "run",
      "--port",
      "0",
      "--data",
      `${directory}/server.db`,
      "--token",
      BENCH_TOKEN,
      "--json",
    ],
    env: { REEVE_HOME: `${directory}/server-home` },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    const { value, done } = await reader.read();
    text += value ?? "";
    const url = /"url":\s*"([^"]+)"/.exec(text)?.[1];
    if (url !== undefined) {
      return {
        url,
        async [Symbol.asyncDispose]() {
          child.kill("SIGTERM");
          await reader.cancel();
          await child.status;
        },
      };
    }
    if (done) throw new Error(`The server did not start: ${text}`);
  }
}
