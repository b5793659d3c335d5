/**
 * The process table of Windows with tools that print what was captured there:
 * how the tools are asked, and what becomes of their answers and refusals.
 */

import { assert, assertEquals } from "@std/assert";
import type { Inspection } from "../../src/host/processes.ts";
import { windowsProcessTable } from "../../src/host/platform/windows.ts";

const NETSTAT = `
Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1044
  TCP    127.0.0.1:9400         0.0.0.0:0              LISTENING       812
`;

const NETSTAT_V6 = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    [::1]:9401             [::]:0                 ABHÖREN         4711
`;

const PROCESS = JSON.stringify({
  ProcessId: 812,
  ParentProcessId: 640,
  Created: "2026-11-20T22:15:24.1234560Z",
  ExecutablePath: "C:\\deno.exe",
  CommandLine: '"C:\\deno.exe" run "C:\\a b\\mod.ts"',
});

const POWERSHELL = `#!/bin/sh
[ "$1 $2 $3" = "-NoProfile -NonInteractive -Command" ] || exit 64
case $4 in
  *Win32_OperatingSystem*) printf '2026-11-20T08:00:00.5000000Z\\r\\n' ;;
  *ProcessId=812*) printf '%s\\r\\n' '${PROCESS}' ;;
  *ProcessId=5*) echo 'Get-CimInstance : Access denied' >&2; exit 1 ;;
esac
`;

const TOOLS = {
  "powershell.exe": POWERSHELL,
  "netstat": `#!/bin/sh
[ "$1 $2" = "-ano -p" ] || exit 64
case $3 in
  TCP) cat <<'END'${NETSTAT}END
  ;;
  TCPv6) cat <<'END'${NETSTAT_V6}END
  ;;
esac
`,
};

/** Runs something with these tools, and nothing else, on the PATH. */
async function withTools(
  tools: Readonly<Record<string, string>>,
  run: () => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "reeve-tools-" });
  const path = Deno.env.get("PATH") ?? "";
  try {
    for (const [name, text] of Object.entries(tools)) {
      await Deno.writeTextFile(`${directory}/${name}`, text, { mode: 0o755 });
    }
    const isBare = Object.keys(tools).length === 0;
    Deno.env.set("PATH", isBare ? directory : `${directory}:${path}`);
    await run();
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(directory, { recursive: true });
  }
}

async function kindOf(pid: number): Promise<Inspection["kind"] | undefined> {
  return (await windowsProcessTable.inspect([pid])).get(pid)?.kind;
}

const ignore = Deno.build.os === "windows";
const RANGE = { first: 9400, end: 9450 };

Deno.test({
  name: "what PowerShell prints of processes is read",
  ignore,
  fn: () =>
    withTools(TOOLS, async () => {
      const seen = (await windowsProcessTable.inspect([812])).get(812);
      assert(seen?.kind === "found");
      assertEquals(seen.facts.parentPid, 640);
      assertEquals(seen.facts.argv, ["C:\\deno.exe", "run", "C:\\a b\\mod.ts"]);
      assertEquals(await kindOf(900), "gone");
      assertEquals(await kindOf(5), "unknown", "a refusal is not an end");
      assertEquals(await kindOf(0), "unknown");
      const { bootId } = await windowsProcessTable.machine();
      assertEquals(bootId, "2026-11-20T08:00:00.5000000Z");
    }),
});

Deno.test({
  name: "what netstat prints of both families is read, in any language",
  ignore,
  fn: () =>
    withTools(TOOLS, async () => {
      assertEquals(await windowsProcessTable.listeners(RANGE), {
        kind: "table",
        isComplete: true,
        listeners: [
          { port: 9400, address: "127.0.0.1", pids: [812], uid: undefined },
          { port: 9401, address: "::1", pids: [4711], uid: undefined },
        ],
      });
    }),
});

Deno.test({
  name: "without its tools nothing is known, and nothing is gone",
  ignore,
  fn: () =>
    withTools({}, async () => {
      assertEquals(await kindOf(812), "unknown");
      const { kind } = await windowsProcessTable.listeners(RANGE);
      assertEquals(kind, "unknown");
      const { bootId } = await windowsProcessTable.machine();
      assertEquals(bootId, undefined);
      assertEquals((await windowsProcessTable.table()).kind, "unknown");
    }),
});
