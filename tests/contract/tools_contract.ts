/**
 * What every host promises about raw TCP and small programs.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Host } from "../../src/host/host.ts";
import type { SpawnCommand } from "../../src/host/processes.ts";
import type { ProgramEnd, ProgramRun } from "../../src/host/programs.ts";
import type { TcpExchange } from "../../src/host/tcp.ts";
import type { Check, ContractOptions } from "./contract_world.ts";

const HELLO = new TextEncoder().encode("hello\r\n");

async function exchange(
  host: Host,
  port: number,
  more: Partial<TcpExchange> = {},
): Promise<string> {
  const request = { port, bytes: HELLO, timeoutMs: 5000, ...more };
  const reply = await host.tcp.exchange(request);
  return reply.kind === "reply"
    ? `reply ${new TextDecoder().decode(reply.bytes)}`
    : reply.kind;
}

/** Registers the tests about raw TCP and small programs. */
export function toolsContract(check: Check, options: ContractOptions): void {
  tcpContract(check);
  programContract(check, options);
}

function tcpContract(check: Check): void {
  check("exchange() gives what the server says", async (world) => {
    const port = await world.startListener({ kind: "says", text: "+PONG\r\n" });
    assertEquals(await exchange(world.host, port), "reply +PONG\r\n");
    assertEquals(
      await exchange(world.host, port, { maxBytes: 2 }),
      "reply +P",
    );
  });

  check(
    "exchange() gives what there is when the server ends",
    async (world) => {
      const port = await world.startListener({ kind: "says", text: "half" });
      const isEnough = () => false;
      assertEquals(
        await exchange(world.host, port, { isEnough }),
        "reply half",
      );
    },
  );

  check("exchange() without reading only connects", async (world) => {
    const port = await world.startListener({ kind: "is_silent" });
    const more = { bytes: new Uint8Array(), maxBytes: 0 };
    assertEquals(await exchange(world.host, port, more), "reply ");
  });

  check("exchange() is refused where nobody listens", async (world) => {
    const port = await world.freePort();
    assertEquals(await exchange(world.host, port), "refused");
  });

  check("exchange() tells a closed connection", async (world) => {
    const port = await world.startListener({ kind: "hangs_up" });
    assertEquals(await exchange(world.host, port), "reset");
  });

  check("exchange() gives up on a silent server in time", async (world) => {
    const { clock } = world.host;
    const port = await world.startListener({ kind: "is_silent" });
    const start = clock.elapsed();
    assertEquals(
      await exchange(world.host, port, { timeoutMs: 60 }),
      "timeout",
    );
    const tookMs = clock.elapsed() - start;
    assert(tookMs >= 55 && tookMs < 5000, `It took ${tookMs} ms`);
  });
}

function run(
  { programs }: Host,
  { executable, args, env, cwd }: SpawnCommand,
  more: Partial<ProgramRun> = {},
): Promise<ProgramEnd> {
  const timeoutMs = 60_000;
  return programs.run({ executable, args, env, cwd, timeoutMs, ...more });
}

function programContract(check: Check, { isPosix }: ContractOptions): void {
  const options = { ignore: !isPosix };

  check("run() gives the exit code and both outputs", async (world) => {
    const program = world.programThatCopies(3);
    assertEquals<unknown>(
      await run(world.host, program, { input: "grüße\n" }),
      { kind: "exited", code: 3, stdout: "grüße\n", stderr: "done\n" },
    );
  }, options);

  check("run() hands on no variable", async (world) => {
    const path = `${world.tempDir}/report`;
    const program = world.programThatReports(path, "HOME");
    await run(world.host, { ...program, cwd: world.tempDir });
    const text = await world.host.files.readText(path);
    assertEquals(text.replace("undefined", ""), `\n${world.tempDir}\n`);
  }, options);

  check("run() tells a missing program", async (world) => {
    const program = { ...world.programThatExits(0), executable: "/no/such" };
    assertEquals(await run(world.host, program), { kind: "missing" });
  });

  check("run() kills a program that takes too long", async (world) => {
    const program = world.programThatSleeps();
    assertEquals(
      await run(world.host, program, { timeoutMs: 50 }),
      { kind: "timeout" },
    );
  }, options);

  check("run() kills a program on demand", async (world) => {
    const abort = new AbortController();
    const { signal } = abort;
    const program = world.programThatSleeps();
    const end = run(world.host, program, { signal });
    await world.host.clock.sleep(20);
    abort.abort();
    assertEquals(await end, { kind: "aborted" });
    assertEquals(await run(world.host, program, { signal }), {
      kind: "aborted",
    });
  }, options);
}
