import { assertEquals } from "@std/assert";
import plugin from "./architecture.ts";
import { EFFECTS } from "./effects.ts";

const folder = import.meta.dirname ?? "";
const root = folder.replace(/[\\/]scripts[\\/]lint$/, "");

function findings(path: string, source: string): readonly string[] {
  return Deno.lint.runPlugin(plugin, `${root}/${path}`, source)
    .map(({ id, message }) => `${id.replace("architecture/", "")}: ${message}`);
}

interface Row {
  readonly path: string;
  readonly source: string;
  readonly expected?: string;
}

function check({ path, source, expected }: Row): void {
  assertEquals(
    findings(path, source),
    expected === undefined ? [] : [expected],
  );
}

const noDaemon = "layers: src/sync may not import src/daemon";

Deno.test.each<Row>([
  {
    path: "src/sync/a.ts",
    source: 'import { b } from "../daemon/b.ts";',
    expected: noDaemon,
  },
  {
    path: "src/sync/a.ts",
    source: 'import type { B } from "../daemon/b.ts";',
    expected: noDaemon,
  },
  {
    path: "src/sync/a.ts",
    source: 'export { b } from "../daemon/b.ts";',
    expected: noDaemon,
  },
  {
    path: "src/sync/a.ts",
    source: 'export * from "../daemon/b.ts";',
    expected: noDaemon,
  },
  {
    path: "src/sync/a.ts",
    source: 'await import("../daemon/b.ts");',
    expected: noDaemon,
  },
  {
    path: "src/sync/a.ts",
    source: "await import(`../daemon/b.ts`);",
    expected: noDaemon,
  },
  {
    path: "src/sync/a.ts",
    source: 'type B = import("../daemon/b.ts").B;',
    expected: noDaemon,
  },
  {
    path: "src/sync/deep/a.ts",
    source: 'import "../../daemon/b.ts";',
    expected: noDaemon,
  },
  {
    path: "src/sync/a_test.ts",
    source: 'import "../daemon/b.ts";',
    expected: noDaemon,
  },
  {
    path: "src/host/a.ts",
    source: 'import "../state/b.ts";',
    expected: "layers: src/host may not import src/state",
  },
  {
    path: "src/doctor/a.ts",
    source: 'import "../cli/b.ts";',
    expected: "layers: src/doctor may not import src/cli",
  },
  {
    path: "src/main.ts",
    source: 'import "./queue/b.ts";',
    expected: "layers: src/main.ts may not import src/queue",
  },
  {
    path: "src/main_test.ts",
    source: 'import "./queue/b.ts";',
    expected: "layers: src/main.ts may not import src/queue",
  },
  {
    path: "src/errors.ts",
    source: 'import "./host/host.ts";',
    expected: "layers: src/errors.ts may not import src/host",
  },
  {
    path: "src/new/a.ts",
    source: 'import "../host/host.ts";',
    expected: "layers: src/new may not import src/host",
  },
  {
    path: "src/cli/a.ts",
    source: 'import "../main.ts";',
    expected: "layers: src/cli may not import src/main.ts",
  },
  {
    path: "src/cli/a.ts",
    source: 'import "#support/clock.ts";',
    expected: "layers: src/cli may not import tests/support",
  },
  {
    path: "src/cli/a_test.ts",
    source: 'import "../../tests/support/clock.ts";',
    expected: "layers: src/cli may not import tests/support",
  },
  {
    path: "mod.ts",
    source: 'export { run } from "./src/cli/run.ts";',
    expected: "layers: mod.ts may not import src/cli",
  },
  {
    path: "mod.ts",
    source: 'import "./src/main.ts";',
    expected: "layers: mod.ts may not import src/main.ts",
  },
  {
    path: "mod.ts",
    source: 'export { HostError } from "./src/host/host.ts";',
    expected: "layers: mod.ts may import only types from src/host",
  },
])("layers refuses $source in $path", check);

Deno.test.each<Row>([
  { path: "src/sync/a.ts", source: 'import "../queue/b.ts";' },
  { path: "src/sync/a.ts", source: 'import "./b.ts"; import "../errors.ts";' },
  { path: "src/host/a.ts", source: 'import "../version.ts";' },
  { path: "src/sync/a.ts", source: 'import { z } from "zod/mini";' },
  { path: "src/sync/a.ts", source: "await import(chosen);" },
  { path: "src/sync/a_test.ts", source: 'import "#support/clock.ts";' },
  { path: "src/errors_test.ts", source: 'import "./errors.ts";' },
  { path: "src/errors_test.ts", source: 'import "./host/fake_host.ts";' },
  { path: "src/version.ts", source: 'import "../deno.json";' },
  { path: "src/main.ts", source: 'import "./cli/b.ts"; import "./host/c.ts";' },
  { path: "src/cli/commands/a.ts", source: 'import "../../doctor/b.ts";' },
  { path: "mod.ts", source: 'export * from "./src/doctor/b.ts";' },
  { path: "mod.ts", source: 'export type { H } from "./src/host/host.ts";' },
  { path: "mod.ts", source: 'export { K } from "./src/errors.ts";' },
  { path: "tests/cli/a.ts", source: 'import "../../src/main.ts";' },
])("layers lets $path contain $source", check);

function effect(name: string, instead: string): string {
  return `effects: ${name} is an ambient effect: take ${instead}`;
}

Deno.test.each([
  { source: "Date.now();", expected: effect("Date.now", "host.clock") },
  { source: "run(Date.now);", expected: effect("Date.now", "host.clock") },
  { source: 'Date["now"]();', expected: effect("Date.now", "host.clock") },
  { source: "new Date();", expected: effect("new Date()", "host.clock") },
  { source: "new Date;", expected: effect("new Date()", "host.clock") },
  { source: "Date();", expected: effect("Date()", "host.clock") },
  {
    source: "Temporal.Now.instant();",
    expected: effect("Temporal.Now", "host.clock"),
  },
  { source: "setTimeout(f, 1);", expected: effect("setTimeout", "host.clock") },
  { source: "Math.random();", expected: effect("Math.random", "host.random") },
  {
    source: "crypto.randomUUID();",
    expected: effect("crypto.randomUUID", "host.random"),
  },
  {
    source: "globalThis.fetch(url);",
    expected: effect("fetch", "host.network"),
  },
  {
    source: "const world = { fetch };",
    expected: effect("fetch", "host.network"),
  },
  { source: "world[fetch];", expected: effect("fetch", "host.network") },
  {
    source: "function f(get = fetch) {}",
    expected: effect("fetch", "host.network"),
  },
  {
    source: "type F = (fetch: string) => void; fetch(url);",
    expected: effect("fetch", "host.network"),
  },
  {
    source: "(Deno as unknown as World).pid;",
    expected: effect("Deno", "host"),
  },
  { source: 'typeof Deno === "object";', expected: effect("Deno", "host") },
  { source: "class A { b = Deno.pid; }", expected: effect("Deno", "host") },
  { source: "process.exit(1);", expected: effect("process", "host") },
  { source: 'confirm("Sure?");', expected: effect("confirm", "host.terminal") },
  { source: 'import fs from "node:fs";', expected: effect("node:fs", "host") },
  { source: 'await import("node:fs");', expected: effect("node:fs", "host") },
  {
    source: 'import { DatabaseSync } from "node:sqlite";',
    expected: effect("node:sqlite", "host"),
  },
])("effects refuses $source", ({ source, expected }) => {
  assertEquals(findings("src/jobs/a.ts", source), [expected]);
});

Deno.test.each([
  { source: "host.fetch(url); host.clock.setTimeout;" },
  { source: "const x = { fetch: 1, alert() {}, process: 2 };" },
  { source: "class A { confirm = 1; prompt() { this.confirm; } }" },
  { source: "interface A { fetch(confirm: string): void; process: number }" },
  { source: "type A = typeof fetch; let b: Deno.lint.Plugin;" },
  { source: "interface A extends Deno.Addr { b: typeof Deno.pid }" },
  { source: "class A implements Deno.Writer {}" },
  { source: "type A = (process: string) => void; type B = [alert: 1];" },
  { source: "function f(process: P) { process.kill(); }" },
  { source: "function f(process: unknown): process is P { return true; }" },
  { source: "const { confirm, a: [alert], ...prompt } = ask; confirm();" },
  { source: "const f = ({ fetch = g }) => fetch();" },
  { source: 'import { process } from "./p.ts"; process();' },
  { source: 'import { fetch as get } from "./p.ts"; get();' },
  { source: "const confirm = ask; export { confirm as prompt };" },
  { source: "try { f(); } catch (alert) { throw alert; }" },
  { source: "class Worker {} new Worker();" },
  { source: "new Date(0); Date.parse(text); Math.max(1, 2);" },
  { source: "crypto.subtle; queueMicrotask(f); x instanceof Date;" },
])("effects lets pass $source", ({ source }) => {
  assertEquals(findings("src/jobs/a.ts", source), []);
});

Deno.test.each([
  { path: "src/host/deno_host.ts" },
  { path: "src/main.ts" },
  { path: "src/jobs/a_test.ts" },
  { path: "src/jobs/a_bench.ts" },
  { path: "scripts/a.ts" },
])("effects are free in $path", ({ path }) => {
  assertEquals(findings(path, 'import "node:fs"; Deno.pid; Date.now();'), []);
});

Deno.test("every effect in the table is reported", () => {
  for (const [name, instead] of EFFECTS) {
    const source = `${name};`;
    assertEquals(findings("src/jobs/a.ts", source), [effect(name, instead)]);
  }
});

const platform = "platform: Deno.build belongs to src/host: take host.env.os";

Deno.test.each<Row>([
  { path: "src/main.ts", source: "Deno.build.os;", expected: platform },
  { path: "src/main.ts", source: "f(Deno?.build);", expected: platform },
  { path: "src/jobs/a_test.ts", source: "Deno.build;", expected: platform },
  { path: "mod.ts", source: 'Deno["build"].os;', expected: platform },
  { path: "src/main.ts", source: "host.Deno.build; Deno.args;" },
  { path: "src/host/platform/a.ts", source: "Deno.build.os;" },
  { path: "tests/live/a.ts", source: "Deno.build.os;" },
])("platform in $path: $source", check);

Deno.test.each<Row>([
  {
    path: "src/queue/queue_utils.ts",
    source: "",
    expected:
      'names: "utils" in src/queue/queue_utils.ts says nothing: name the idea',
  },
  {
    path: "src/queue/helper_test.ts",
    source: "1;",
    expected:
      'names: "helper" in src/queue/helper_test.ts says nothing: name the idea',
  },
  { path: "src/queue/supported_score.ts", source: "" },
  { path: "tests/support/utils.ts", source: "" },
])("names in $path", check);

function note(text: string): string {
  return `ticket: "${text}" in a comment: say why, or file it elsewhere`;
}

Deno.test.each([
  { source: "// TODO: later", expected: [note("TODO")] },
  { source: "/* FIXME */", expected: [note("FIXME")] },
  { source: "/**\n * XXX\n */", expected: [note("XXX")] },
  { source: "f(); // see #123", expected: [note("#123")] },
  { source: "// UTF-8, see ABC-12", expected: [note("ABC-12")] },
  { source: "// UTF-8 SHA-256 ISO-8601 RFC-7230 F-001 ES-2026", expected: [] },
  { source: "// a todo list; mktemp-XXXXXX; \u{1F600}", expected: [] },
  { source: 'const text = "TODO #1 ABC-1";', expected: [] },
])("ticket reads $source", ({ source, expected }) => {
  assertEquals(findings("scripts/a.ts", source), expected);
});

Deno.test("files outside the project have no findings", () => {
  const source = "Deno.pid; // TODO";
  assertEquals(Deno.lint.runPlugin(plugin, "/src/jobs/a.ts", source), []);
});
