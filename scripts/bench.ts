// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Measures every promised figure and prints it beside its limit, or beside what
 * others need. Exits with 1 when one is over its limit. Names as arguments
 * choose: startup scan sweep race idle reuse emit deliver exit jobs environment
 * peers. `--write` writes `docs/reference/benchmarks.md` too.
 *
 * Run with `deno task bench`.
 */

import { build } from "./build.ts";
import { type Finding, formatFigure } from "./bench/figure.ts";
import { formatPage, type Machine, type Section } from "./bench/page.ts";

const PAGE = new URL("../docs/reference/benchmarks.md", import.meta.url);

type Bench = () => Promise<readonly Finding[]>;

async function benchesOf(
  main: string,
): Promise<Readonly<Record<string, Bench>>> {
  const { benchStartup } = await import("./bench/startup.ts");
  const { benchScan } = await import("./bench/scan.ts");
  const { benchSweep } = await import("./bench/sweep.ts");
  const { benchRace } = await import("./bench/race.ts");
  const { benchIdle } = await import("./bench/idle.ts");
  const { benchReuse } = await import("./bench/reuse.ts");
  const { benchEmit } = await import("./bench/emit.ts");
  const { benchDeliver } = await import("./bench/deliver.ts");
  const { benchExit } = await import("./bench/exit.ts");
  const { benchJobs } = await import("./bench/jobs.ts");
  const { benchEnvironment } = await import("./bench/environment.ts");
  const { benchPeers } = await import("./bench/peers.ts");
  return {
    startup: () => benchStartup(main),
    scan: benchScan,
    sweep: benchSweep,
    race: benchRace,
    idle: benchIdle,
    reuse: benchReuse,
    emit: benchEmit,
    deliver: () => benchDeliver(main),
    exit: () => benchExit(main),
    jobs: benchJobs,
    environment: () => benchEnvironment(main),
    peers: () => benchPeers(main),
  };
}

async function versionOf(name: string, flag: string): Promise<string[]> {
  try {
    const output = await new Deno.Command(name, { args: [flag] }).output();
    const text = new TextDecoder().decode(output.stdout).trim().split("\n")[0];
    return output.success && text ? [`${name} ${text}`] : [];
  } catch {
    return [];
  }
}

async function describeMachine(): Promise<Machine> {
  const gigabytes = Math.round(Deno.systemMemoryInfo().total / 1024 ** 3);
  const { os, arch } = Deno.build;
  return {
    day: Temporal.Now.plainDateISO("UTC").toString(),
    text: `${os} ${arch}, ${navigator.hardwareConcurrency} cores, ` +
      `${gigabytes} GiB, a virtual machine that others share`,
    versions: [
      `Deno ${Deno.version.deno}`,
      ...await versionOf("node", "--version"),
      ...await versionOf("redis-server", "--version"),
      ...await versionOf("supervisord", "--version"),
    ],
  };
}

async function main(): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "reeve-bench-" });
  try {
    const main = await build(`${directory}/dist`);
    // The benches start daemons and commands from the bundle that ships.
    Deno.env.set("REEVE_TEST_MAIN", main);
    const chosen = Deno.args.filter((word) => !word.startsWith("--"));
    const sections: Section[] = [];
    let over = 0;
    for (const [name, bench] of Object.entries(await benchesOf(main))) {
      if (chosen.length > 0 && !chosen.includes(name)) continue;
      console.log(name);
      const findings = await bench();
      sections.push({ name, findings });
      for (const finding of findings) {
        if ("value" in finding && finding.value > finding.limit) over++;
        console.log(formatFigure(finding));
      }
    }
    if (Deno.args.includes("--write")) {
      const page = formatPage(await describeMachine(), sections);
      await Deno.writeTextFile(PAGE, page);
    }
    console.log(over === 0 ? "All within limits." : `${over} over the limit.`);
    return over === 0 ? 0 : 1;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.exit(await main());
