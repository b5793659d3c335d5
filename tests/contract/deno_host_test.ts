import "#support/c_library.ts";
import { assert, assertEquals } from "@std/assert";
import { denoHost } from "../../src/host/deno_host.ts";
import { makeDenoWorld, script, startChild } from "./deno_world.ts";
import { hostContract } from "./host_contract.ts";

const { os } = Deno.build;

const HOST = import.meta.resolve("../../src/host/deno_host.ts");

/** Runs a script that has `host` and gives what it prints. */
async function printed(
  source: string,
  env: Readonly<Record<string, string>> = {},
  ...args: readonly string[]
): Promise<string> {
  const start = `import { denoHost as host } from "${HOST}";\n`;
  const command = script(start + source, ...args);
  const output = await new Deno.Command(command.executable, {
    args: [...command.args],
    env: { ...env },
    stdin: "null",
  }).output();
  assert(output.success, new TextDecoder().decode(output.stderr));
  return new TextDecoder().decode(output.stdout).trim();
}

Deno.test("real host: request() takes no proxy", async () => {
  const server = await denoHost.network.serve(
    0,
    () => Promise.resolve(new Response("direct")),
  );
  const proxy = `http://127.0.0.1:1/`;
  const source = `
    const port = Number(Deno.args[0]);
    const request = { port, method: "GET", path: "/", timeoutMs: 5000 };
    console.log(JSON.stringify(await host.network.request(request)));
  `;
  const env = {
    "HTTP_PROXY": proxy,
    "http_proxy": proxy,
    "ALL_PROXY": proxy,
    "NO_PROXY": "",
    "no_proxy": "",
  };
  const reply = await printed(source, env, String(server.port));
  await server.stop();
  assertEquals<unknown>(
    JSON.parse(reply),
    { kind: "reply", status: 200, body: "direct" },
  );
});

Deno.test("real host: a spawned process outlives its parent", async () => {
  const waits = script("setInterval(() => {}, 1000)");
  const source = `
    const child = await host.processes.spawn(${JSON.stringify(waits)});
    console.log(child.pid);
  `;
  const pid = Number(await printed(source));
  const held = await denoHost.processes.hold(pid);
  if (typeof held === "string") throw new Error(`${pid} is ${held}`);
  using hold = held;
  const hadExited = await hold.hasExited();
  assertEquals(await hold.signal("SIGKILL"), "sent");
  while (!await hold.hasExited()) await denoHost.clock.sleep(5);
  assert(!hadExited);
});

Deno.test("real host: dropRights() takes sight and signals away", async () => {
  const source = `
    const dropped = await host.processes.dropRights();
    const seen = await host.processes.inspect([Deno.pid]);
    const table = await host.processes.listeners({ first: 1, end: 65536 });
    const spawned = await host.processes.spawn({
      executable: Deno.execPath(), args: ["--version"], env: {}, cwd: "/",
    }).catch((error) => error.code);
    const held = await host.processes.hold(Number(Deno.args[0]));
    const signal = await held.signal("SIGKILL");
    console.log(JSON.stringify([
      dropped, seen.get(Deno.pid).kind, table.kind, spawned, signal,
    ]));
  `;
  const child = await startChild(
    script("setInterval(() => {}, 1000); console.log('ready')"),
  );
  const seen = await printed(source, {}, String(child.pid));
  await child.end();
  assertEquals<unknown>(JSON.parse(seen), [
    ["run", "ffi", "sys", "import"],
    "unknown",
    "unknown",
    "permission_denied",
    "denied",
  ]);
});

Deno.test({
  name: "real host: onTermination() hears SIGTERM until it is taken back",
  ignore: os === "windows",
  async fn() {
    const source = `import { denoHost as host } from "${HOST}";
      const { promise, resolve } = Promise.withResolvers();
      const stop = host.processes.onTermination(resolve);
      const timer = setInterval(() => {}, 1000);
      console.log("ready");
      const heard = await promise;
      stop();
      clearInterval(timer);
      Deno.exit(heard === "SIGTERM" ? 42 : 1);
    `;
    const child = await startChild(script(source));
    child.signal("SIGTERM");
    assertEquals((await child.ended).code, 42);
  },
});

Deno.test("real host: later() alone keeps no process alive", async () => {
  const start = performance.now();
  const source = `
    host.clock.later(600_000, () => console.log("called"));
    console.log("done");
  `;
  assertEquals(await printed(source), "done");
  assert(performance.now() - start < 60_000);
});

Deno.test("real host: later() calls back beside what is alive", async () => {
  const source = `
    const { promise, resolve } = Promise.withResolvers();
    host.clock.later(20, () => resolve("called"));
    await Promise.race([promise, host.clock.sleep(10_000)]).then(console.log);
    Deno.exit();
  `;
  assertEquals(await printed(source), "called");
});

Deno.test("real host: an empty variable counts as unset", () => {
  Deno.env.set("REEVE_CONTRACT_EMPTY", "");
  assertEquals(denoHost.env.get("REEVE_CONTRACT_EMPTY"), undefined);
  Deno.env.delete("REEVE_CONTRACT_EMPTY");
});

hostContract("real host", makeDenoWorld, {
  isPosix: os !== "windows",
  hasZombies: os === "linux",
});
