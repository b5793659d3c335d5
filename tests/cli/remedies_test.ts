/**
 * Every command that a reason, a finding or an error sends a person to must be
 * one that exists, with the flags that it is given.
 */

import { assert, assertEquals } from "@std/assert";
import { runCli } from "../../src/cli/run.ts";
import { isEnvironmentLine, parseRoute } from "../../src/environment/route.ts";
import { STOP_REASONS, stopText } from "../../src/sync/stop_text.ts";
import { createFakeHost } from "#support/fake_host.ts";

const SOURCE = new URL("../../src/", import.meta.url);

/** Files whose texts send people to commands. */
async function sources(): Promise<readonly string[]> {
  const found = ["sync/stop_text.ts"];
  for (const folder of ["auth", "doctor", "environment", "jobs"]) {
    for await (const { name } of Deno.readDir(new URL(folder, SOURCE))) {
      const isCode = name.endsWith(".ts") && !name.endsWith("_test.ts");
      if (isCode) found.push(`${folder}/${name}`);
    }
  }
  for (const folder of ["cli", "cli/commands"]) {
    for await (const { name } of Deno.readDir(new URL(folder, SOURCE))) {
      const isCode = /^(?:environment|queue)_.*(?<!_commands|_test)\.ts$/.test(
        name,
      );
      if (isCode) found.push(`${folder}/${name}`);
    }
  }
  return found;
}

/** Commands that stand at the beginning of a text or behind a colon. */
function commandsIn(code: string): readonly string[] {
  // These add a flag, or nothing.
  const plain = code.replaceAll(/\$\{(?:tenantWords\(.*?\)|words)\}/g, "");
  const texts = plain.matchAll(/(?:["`]|: )reeve (-?[a-z][^"`;,)\n]*)/g);
  return [...texts].map(([, words = ""]) => {
    const [sentence = ""] = words.split(/[.:](?:\s|$)/);
    // What follows a word at once is a word of its own, or nothing.
    const [known = ""] = sentence.split(/(?<=[a-z])\$\{/);
    return known.replaceAll(/\$\{[^}]*\}/g, "X").trim();
  });
}

/** The help of the command, or what is wrong with it. */
async function helpOf(words: readonly string[]) {
  const host = createFakeHost();
  const code = await runCli(host, [...words, "--help"]);
  const { output, errors } = host.terminal;
  return { code, output, errors };
}

async function checkCommand(line: string): Promise<void> {
  if (line === "--version" || line === "help COMMAND") return;
  const words = line.split(/\s+/);
  if (isEnvironmentLine(words)) {
    const route = parseRoute(words, {});
    // A flag may be named without a value.
    const isSound = route.kind !== "error" || route.code === "missing_value";
    assert(isSound, `reeve ${line}: ${JSON.stringify(route)}`);
    return;
  }
  const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  const path = end < 0 ? words : words.slice(0, end);
  const { code, output, errors } = await helpOf(path);
  assertEquals(code, 0, `reeve ${line}: ${errors}`);
  // A group is no command: its help lists others.
  assert(!output.includes("\nCOMMANDS\n"), `reeve ${line} is a group`);
  const flags = words.filter((word) => word.startsWith("--"));
  for (const flag of flags) {
    assert(output.includes(flag), `reeve ${line} has no ${flag}`);
  }
}

Deno.test("every reason for a stop sends people to a command that exists", async () => {
  for (const reason of STOP_REASONS) {
    const { command } = stopText(reason);
    if (command === undefined) continue;
    assert(command.startsWith("reeve "), command);
    await checkCommand(command.slice(6));
  }
});

Deno.test("every finding and every hint names a command that exists", async (t) => {
  const lines = new Set<string>();
  for (const path of await sources()) {
    const code = await Deno.readTextFile(new URL(path, SOURCE));
    for (const line of commandsIn(code)) lines.add(line);
  }
  assert(lines.size > 20, "the texts are found");
  for (const line of [...lines].toSorted()) {
    await t.step(`reeve ${line}`, () => checkCommand(line));
  }
});

Deno.test("no finding about delivery sends people back to the doctor", async () => {
  for await (const { name } of Deno.readDir(new URL("doctor", SOURCE))) {
    if (!/^(?:jobs|sync)_.*findings\.ts$/.test(name)) continue;
    const code = await Deno.readTextFile(new URL(`doctor/${name}`, SOURCE));
    const remedies = code.matchAll(/doing\(\s*["`]([^"`]*)/g);
    for (const [, command = ""] of remedies) {
      const isDoctor = /^reeve (?:queue|sync) doctor/.test(command);
      assert(!isDoctor, `${name}: ${command}`);
    }
  }
});
