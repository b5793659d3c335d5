/** What a reader has to know of the machine; nothing tells which one it is. */

import { DatabaseSync } from "node:sqlite";
import config from "../../deno.json" with { type: "json" };
import type { Machine } from "./page.ts";
import { foundVersions } from "./peer_programs.ts";

async function processor(): Promise<string> {
  const text = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return /^model name\s*:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? "";
}

function sqliteVersion(): string {
  const db = new DatabaseSync(":memory:");
  const row = db.prepare("SELECT sqlite_version() AS version").get();
  db.close();
  return `SQLite ${row?.["version"]}`;
}

/** Whether the kernel says that it runs below another one. */
async function isVirtual(): Promise<boolean> {
  const text = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return /^flags\s*:.*\bhypervisor\b/m.test(text);
}

/** Describes this machine and the programs that were used. */
export async function describeMachine(): Promise<Machine> {
  const gibibytes = Math.round(Deno.systemMemoryInfo().total / 1024 ** 3);
  const { os, arch } = Deno.build;
  const [, bullmq = ""] = config.imports.bullmq.split("@");
  const parts = [
    `${os} ${Deno.osRelease().split("-")[0]} ${arch}`,
    `${navigator.hardwareConcurrency} cores`,
    await processor(),
    `${gibibytes} GiB`,
    await isVirtual() ? "virtual machine" : "",
  ];
  return {
    day: Temporal.Now.plainDateISO("UTC").toString(),
    text: parts.filter((part) => part !== "").join(", "),
    versions: [
      `Reeve ${config.version}`,
      `Deno ${Deno.version.deno}`,
      sqliteVersion(),
      `BullMQ ${bullmq}`,
      ...await foundVersions(),
    ],
  };
}
