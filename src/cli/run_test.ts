import { assert, assertEquals } from "@std/assert";
import { KnownError } from "../errors.ts";
import { type Files, type Host, HostError } from "../host/host.ts";
import { VERSION } from "../version.ts";
import { runCli } from "./run.ts";

interface Options {
  /** What the first look at the state root gives. */
  readonly realPath?: Files["realPath"];
  readonly env?: Readonly<Record<string, string>>;
}

/** A host with a terminal, an empty disk and signals that tests send. */
function openHost({ realPath, env = { "HOME": "/h" } }: Options = {}) {
  const seen = { out: "", err: "", stopped: 0, send: (_: string) => {} };
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const host: Host = {
    clock: { now: () => 0, elapsed: () => 0, sleep: unused, later: unused },
    files: {
      readText: (path) => Promise.reject(new HostError("not_found", path)),
      writeAtomic: unused,
      append: unused,
      remove: unused,
      list: unused,
      stat: () => Promise.resolve(undefined),
      realPath: realPath ?? ((path) => Promise.resolve(path)),
      tryLock: unused,
    },
    blocking: {
      readText: unused,
      readSlice: unused,
      moveTail: unused,
      stat: unused,
      list: unused,
      makeDirectory: unused,
      touch: unused,
      rename: unused,
      remove: unused,
      appendLocked: unused,
      takeLocked: unused,
      freeBytes: unused,
      isRemote: unused,
    },
    databases: unused,
    modules: { load: unused },
    processes: {
      inspect: unused,
      table: unused,
      readVariable: unused,
      spawnService: unused,
      listeners: unused,
      hold: unused,
      spawn: unused,
      machine: unused,
      onTermination: (callback) => {
        seen.send = callback;
        return () => void seen.stopped++;
      },
      dropRights: unused,
    },
    network: {
      request: unused,
      serve: unused,
      canBind: unused,
      acceptSocket: unused,
    },
    programs: { attend: unused, run: unused },
    tcp: { exchange: unused },
    web: { request: unused, openSocket: unused },
    random: { hex: unused },
    env: {
      get: (name) => env[name],
      os: "linux",
      home: env["HOME"],
      cwd: "/",
      pid: 1,
      uid: 1000,
      self: { executable: "reeve", args: [] },
    },
    terminal: {
      out: (text) => void (seen.out += text),
      err: (text) => void (seen.err += text),
      columns: 80,
      rows: 24,
      isDeserted: () => false,
      isInteractive: false,
      isScreen: false,
      hasColor: false,
      confirm: unused,
      readLine: unused,
      openKeys: unused,
      readInput: unused,
    },
  };
  return { seen, host };
}

async function runLine(line: string, options: Options = {}) {
  const { seen, host } = openHost(options);
  const words = line.split(" ").filter((word) => word !== "");
  const exit = await runCli(host, words);
  assertEquals(seen.stopped, 1, "signals are let go again");
  return { ...seen, exit };
}

/** The one document that standard output must be. */
function parseOnly(text: string): unknown {
  assert(text.endsWith("}\n"), text);
  return JSON.parse(text);
}

Deno.test.each([
  { line: "" },
  { line: "--help" },
  { line: "help" },
  { line: "auth --help" },
  { line: "help auth" },
  { line: "auth doctor --help" },
  { line: "help auth doctor" },
  { line: "daemon --help" },
  { line: "daemon start --help" },
  { line: "daemon status --help" },
  { line: "daemon stop --help" },
  { line: "daemon restart --help" },
  { line: "daemon logs --help" },
  { line: "daemon journal --help" },
  { line: "daemon replay --help" },
  { line: "daemon run --help" },
  { line: "completions --help" },
  { line: "start --help" },
  { line: "help status" },
])("runCli() helps with '$line'", async ({ line }) => {
  const { exit, out, err } = await runLine(line);
  assertEquals([exit, err], [0, ""]);
  assert(/\nEXAMPLES\n +reeve /.test(out), out);
  assert(!out.includes("__complete"), "hidden commands stay hidden");
  assert(!out.includes("\u001b"), "no colours in help");
});

Deno.test("runCli() tells its version", async () => {
  const { exit, out } = await runLine("--version");
  assertEquals([exit, out.trim()], [0, `${VERSION} (commit unknown)`]);
  const { exit: code, out: json } = await runLine("-v --json");
  const { schema, version, commit } = JSON.parse(json);
  assertEquals([code, schema, version], [0, "version", VERSION]);
  assertEquals(commit, "unknown");
});

Deno.test.each([
  { line: "daemn", meant: "daemon" },
  { line: "daemon strat", meant: "start" },
  { line: "auth docter", meant: "doctor" },
  { line: "strat", meant: "start" },
  { line: "endpoint", meant: "endpoints" },
  { line: "start --no-resum", meant: "--no-resume" },
  { line: "auth doctor --rest", meant: "reset" },
  { line: "daemon start --forced", meant: "force" },
])("runCli() of '$line' asks for $meant", async ({ line, meant }) => {
  const { exit, out, err } = await runLine(line);
  assertEquals([exit, out], [64, ""]);
  assert(err.startsWith("error: "), err);
  assert(/did you mean/i.test(err) && err.includes(meant), err);
});

Deno.test.each([
  { line: "xyzzy" },
  { line: "daemon start --xyzzy" },
  { line: "daemon start now" },
  { line: "daemon replay" },
  { line: "daemon logs --lines many" },
  { line: "auth doctor --family none" },
  { line: "auth doctor --explain" },
  { line: "auth doctor --plan" },
  { line: "auth doctor --stuck-threshold -1" },
  { line: "auth doctor --reset --plan p.json" },
  { line: "completions powershell" },
])("runCli() of '$line' is wrong usage", async ({ line }) => {
  const { exit, out, err } = await runLine(line);
  assertEquals([exit, out], [64, ""]);
  assert(/^error: .+\n(hint: .+\n)?$/.test(err), err);
});

Deno.test.each([
  { line: "daemon start --xyzzy --json", code: "usage", exit: 64 },
  { line: "daemon strat --json", code: "usage", exit: 64 },
  { line: "auth doctor --reset --plan p --json", code: "usage", exit: 64 },
  { line: "daemon replay /no.json --json", code: "not_found", exit: 1 },
])("runCli() of '$line' prints one document", async (row) => {
  const { exit, out, err } = await runLine(row.line);
  assertEquals([exit, err], [row.exit, ""]);
  const document = parseOnly(out);
  assert(typeof document === "object" && document !== null);
  assert("error" in document && Object.keys(document).length === 1);
  const { error } = document;
  assert(typeof error === "object" && error !== null);
  assertEquals(Object.keys(error), ["code", "hint", "message"]);
  assert("code" in error);
  assertEquals<unknown>(error.code, row.code);
});

Deno.test("runCli() takes what stands after -- for no flag", async () => {
  const { out, err, exit } = await runLine("daemon replay -- --json");
  assertEquals([exit, out], [1, ""]);
  assert(err.includes("--json: no such file"), err);
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

function failing(error: unknown): Options {
  return { realPath: () => Promise.reject(error) };
}

Deno.test.each([
  {
    name: "a known error",
    error: new KnownError("drift", "Cannot go on", { hint: "Look." }),
    exit: 1,
    err: "error: Cannot go on\nhint: Look.\n",
  },
  {
    name: "a known error without hint",
    error: new KnownError("not_ready", "Cannot go on"),
    exit: 3,
    err: "error: Cannot go on\n",
  },
  {
    name: "a missing sign-in",
    error: new KnownError("not_signed_in", "Cannot go on"),
    exit: 4,
    err: "error: Cannot go on\n",
  },
  {
    name: "a cancelled question",
    error: new KnownError("cancelled", "Cancelled"),
    exit: 2,
    err: "error: Cancelled\n",
  },
  {
    name: "a refusal of the machine",
    error: new HostError("permission_denied", "/h/.reeve"),
    exit: 1,
    err: "error: Cannot use /h/.reeve: permission denied\n" +
      "hint: Check who owns it: ls -ld /h/.reeve\n",
  },
  {
    name: "a refusal without advice of its own",
    error: new HostError("io", "/h/.reeve"),
    exit: 1,
    err: "error: Cannot use /h/.reeve: io\nhint: See: reeve auth doctor\n",
  },
])("runCli() explains $name", async ({ error, exit, err }) => {
  const seen = await runLine("daemon status", failing(error));
  assertEquals([seen.exit, seen.out, seen.err], [exit, "", err]);
});

Deno.test("runCli() calls a bug a bug", async () => {
  const error = new TypeError("x is not a function");
  const plain = await runLine("daemon status", failing(error));
  assertEquals([plain.exit, plain.out], [70, ""]);
  assert(plain.err.startsWith("error: TypeError: x is not a function"));
  assert(plain.err.includes("This is a bug in Reeve"));
  const { exit, out } = await runLine("daemon status --json", failing(error));
  assertEquals(exit, 70);
  assert(JSON.stringify(parseOnly(out)).includes('"code":"internal"'));
  const odd = await runLine("daemon status", failing("odd"));
  assertEquals([odd.exit, odd.err.split("\n")[0]], [70, "error: odd"]);
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

Deno.test.each([
  { line: "--help", has: true },
  { line: "help", has: true },
  { line: "daemon --help", has: false },
  { line: "--version", has: false },
])(
  "runCli() of '$line' lists commands about environments: $has",
  async (row) => {
    const { out } = await runLine(row.line);
    assertEquals(/^ {2}list-trees /m.test(out), row.has, out);
  },
);
