import { assert, assertEquals } from "@std/assert";
import { openHost, parseOnly, runLine } from "#support/run_line.ts";
import { VERSION } from "../version.ts";
import { runCli } from "./run.ts";

Deno.test("runCli() tells its version", async () => {
  const { exit, out } = await runLine("--version");
  assertEquals([exit, out.trim()], [0, `${VERSION} (commit unknown)`]);
  const { exit: code, out: json } = await runLine("-v --json");
  const { schema, version, commit } = JSON.parse(json);
  assertEquals([code, schema, version], [0, "version", VERSION]);
  assertEquals(commit, "unknown");
});

Deno.test.each([
  { line: "__complete -- da", is: ["daemon", "dashboard"] },
  { line: "__complete -- sta", is: ["start"] },
  { line: "__complete -- start --no-r", is: ["--no-resume"] },
  { line: "__complete -- start --mode t", is: ["trees"] },
  { line: "__complete -- daemon st", is: ["start", "status", "stop"] },
  { line: "__complete -- auth doctor --re", is: ["--record", "--reset"] },
  { line: "__complete -- xyzzy x", is: [] },
])("runCli() completes '$line'", async ({ line, is }) => {
  const { exit, out, err } = await runLine(line);
  const words = out.split("\n").filter((word) => word !== "");
  assertEquals([exit, err], [0, ""]);
  assertEquals(words.toSorted(), [...is]);
});

Deno.test("runCli() needs a home and sound port ranges", async () => {
  const homeless = await runLine("daemon status", { env: {} });
  assertEquals(homeless.exit, 1);
  const env = { "HOME": "/h", "REEVE_SYNC_PORTS": "x" };
  const wrong = await runLine("daemon status", { env });
  assertEquals(wrong.exit, 64);
  assert(wrong.err.includes("REEVE_SYNC_PORTS=x"));
});

Deno.test("runCli() prints a result as text or as one document", async () => {
  const text = await runLine("daemon status");
  assertEquals([text.exit, text.err], [1, ""]);
  assert(text.out.startsWith("The daemon is not running"), text.out);
  const { out } = await runLine("daemon status --json");
  const document = parseOnly(out);
  assert(typeof document === "object" && document !== null);
  const keys = Object.keys(document);
  assertEquals(keys, keys.toSorted());
  assert(out.includes('  "schema": "daemon_status"'), "two spaces, sorted");
});

Deno.test.each([
  { signal: "SIGINT", exit: 2 },
  { signal: "SIGTERM", exit: 143 },
  { signal: "SIGHUP", exit: 2 },
])("runCli() ends with $exit on $signal", async ({ signal, exit }) => {
  const { seen, host } = openHost({ realPath: () => new Promise(() => {}) });
  const running = runCli(host, ["daemon", "status"]);
  seen.send(signal);
  assertEquals(await running, exit);
  assertEquals([seen.out, seen.err], ["", `Interrupted by ${signal}.\n`]);
  assertEquals(seen.stopped, 1);
});
