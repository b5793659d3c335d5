/** Every bench with what a reader has to know about it. */

import type { Finding } from "./figure.ts";

/** One bench. */
export interface Bench {
  /** Title of its section. */
  readonly title: string;
  /** How it measures, as a reader wants to know it. */
  readonly method: string;
  /** Measures. */
  run(): Promise<readonly Finding[]>;
}

/** All of them by the name on the command line, in the order of the page. */
export async function benchesOf(
  main: string,
): Promise<Readonly<Record<string, Bench>>> {
  const { benchStartup } = await import("./startup.ts");
  const { benchDoctor } = await import("./doctor.ts");
  const { benchScan } = await import("./scan.ts");
  const { benchReset } = await import("./reset.ts");
  const { benchSweep } = await import("./sweep.ts");
  const { benchRace } = await import("./race.ts");
  const { benchIdle } = await import("./idle.ts");
  const { benchReuse } = await import("./reuse.ts");
  const { benchEmit } = await import("./emit.ts");
  const { benchDeliver } = await import("./deliver.ts");
  const { benchExit } = await import("./exit.ts");
  const { benchJobs } = await import("./jobs.ts");
  const { benchEnvironment } = await import("./environment.ts");
  const { benchPeers } = await import("./peers.ts");
  return {
    startup: {
      title: "Cold start",
      method: "The whole process, medians of 15 runs: `reeve --help` beside " +
        "`pm2 --help`, `nf --help`, `supervisorctl --help` and runit's `sv`, " +
        "which prints its usage.",
      run: () => benchStartup(main),
    },
    doctor: {
      title: "Doctor",
      method: "The whole process, medians of 11 runs, with real daemons: " +
        "`reeve auth doctor --json` beside `lsof -nP -iTCP:… -sTCP:LISTEN` and " +
        "`ss -ltnp`, which list who listens and judge nobody.",
      run: () => benchDoctor(main),
    },
    scan: {
      title: "Scan of bad listeners",
      method: "The slowest of 7 scans within one process.",
      run: benchScan,
    },
    reset: {
      title: "Reset of 18 daemons",
      method:
        "From the start of the command until all have ended, medians of " +
        "3 runs: `reeve auth doctor --reset --json` beside " +
        "`kill $(lsof -nP -t -iTCP:… -sTCP:LISTEN)`, which asks nobody who " +
        "they are.",
      run: benchReset,
    },
    sweep: {
      title: "Sweep alone",
      method: "Within one process, once each, with a grace of 1 s.",
      run: benchSweep,
    },
    race: {
      title: "Many starts at once",
      method:
        "`reeve daemon start --json`, 50 at once, then 200 times by two " +
        "versions in turn; after one whose code Deno has kept.",
      run: benchRace,
    },
    idle: {
      title: "Idle daemon",
      method:
        "Each beside the others during the same 10 s: `reeve daemon run`, " +
        "the daemon of `pm2 ping`, `supervisord`, `runsvdir`, `s6-svscan` and " +
        "`redis-server`, all without work, ours not for the first time. The " +
        "last limit is about 18 of ours.",
      run: benchIdle,
    },
    reuse: {
      title: "Forced reuse of pids",
      method: "Each round ends a target and gives its pid to an innocent " +
        "between two steps of a stop.",
      run: benchReuse,
    },
    emit: {
      title: "Events kept",
      method: "4,000 events and as many bare rows in turn, each on disk " +
        "(`synchronous=FULL`) before the call returns; the first emit is the " +
        "median of 15 processes.",
      run: benchEmit,
    },
    deliver: {
      title: "Events delivered",
      method: "100,000 events to `reeve server run` on loopback in batches, " +
        "once; beside it 2 × 25,000 rows of `node:sqlite` by `fetch()` in " +
        "batches of the same size, before and after; `reeve sync status` in " +
        "medians of 15 runs.",
      run: () => benchDeliver(main),
    },
    exit: {
      title: "The end of a program that has emitted",
      method: "Medians of 15 runs, beside a program that has not; the silent " +
        "server once.",
      run: () => benchExit(main),
    },
    jobs: {
      title: "Job queue",
      method: "On disk: medians of 7 blocks in turn, microseconds for each " +
        "job, beside a table of `node:sqlite` (`synchronous=FULL`) and BullMQ " +
        "alone on Redis with `appendfsync always`. In Redis: medians of 14 " +
        "pairs of blocks beside BullMQ alone on the same server.",
      run: benchJobs,
    },
    environment: {
      title: "Services",
      method: "The whole process, medians of 9 runs; the stubborn ones of 5. " +
        "The limits of lines are for a machine on which an empty program " +
        "takes 21 ms; where it takes longer, they are longer by as much.",
      run: () => benchEnvironment(main),
    },
    peers: {
      title: "Services beside other managers",
      method: "The same tiny listeners by everyone in turn, each manager " +
        "started anew for each run; medians of 5 runs for 10 services and of " +
        "3 for 50. Start is until all ports are open, stop until none is. " +
        "`reeve start | status | stop`; `pm2 start | jlist | delete all`; " +
        "`supervisord`, `supervisorctl status | stop all`; `nf start`, SIGINT; " +
        "`runsvdir`, `sv status | force-stop`; `s6-svscan`, `s6-svstat` for " +
        "each, `s6-svc -d` for each and `s6-svwait -D`.",
      run: () => benchPeers(main),
    },
  };
}
