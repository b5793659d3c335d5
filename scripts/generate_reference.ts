// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Writes `docs/reference/` from the code: the commands from the command line's
 * own table, the JSON schemas from the checks. Draws the picture of the README.
 *
 * Run with `deno task docs`.
 */

import { EXIT } from "../src/cli/exit_code.ts";
import { KEY_NAMES, lineNameOf, specOf } from "../src/config/keys.ts";
import { describeType, formatSetting } from "../src/config/value_text.ts";
import { keyReference } from "../src/environment/settings_names.ts";
import { helpPages } from "./command_help.ts";
import { eventPage } from "./schemas/event_page.ts";
import { doctorPicture } from "./picture.ts";
import { type Given, runScript, type Usage } from "./run_script.ts";
import { jsonPages } from "./schemas/publish.ts";

const USAGE: Usage = {
  run: "deno task docs",
  does: "Writes docs/reference from the code.",
  flags: { "check": { does: "Only tells whether it is up to date." } },
};

const ROOT = new URL("../docs/reference/", import.meta.url).pathname;

const NOTE = "<!-- Written by `deno task docs`; do not edit. -->\n";

function section(name: string, help: string): string {
  return `## ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`;
}

function commandsPage(): string {
  const parts = helpPages().map(({ name, text }) => section(name, text));
  return `${NOTE}\n# Commands\n\n${parts.join("\n")}`;
}

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "done, or all is well",
  actionable: "something is wrong, and the output says what to do",
  interrupted: "a person quit or interrupted",
  notReady: "a dependency is not ready, such as a server or Redis",
  signIn: "sign-in is needed",
  usage: "wrong flags or arguments",
  internal: "a bug in Reeve: please report what it prints",
  terminated: "ended by SIGTERM",
};

function exitCodesPage(): string {
  const rows = Object.entries(EXIT).map(([name, code]) => [
    String(code),
    name.replace(/([A-Z])/g, "_$1").toLowerCase(),
    Object.entries(EXIT_MEANINGS).find(([key]) => key === name)?.[1] ?? "",
  ]);
  return `${NOTE}\n# Exit codes\n\nThe same for every command.\n\n` +
    table(["code", "name", "meaning"], rows);
}

/** A table of Markdown; a bar in a cell would end it. */
function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [titles, titles.map(() => "---"), ...rows].map((cells) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`
  );
  return lines.join("");
}

const code = (text: string) => text === "-" ? text : `\`${text}\``;

const CONFIG_INTRODUCTION = `\
A flag wins over a variable, that over the project's file, that over your own
file, that over the default. \`reeve config show\` tells where each value comes
from. Your own file is \`config.json\` in the state root
([its schema](json/config.schema.json)). A project's file is \`.reeve\` at its
root, with lines such as \`${lineNameOf("sync.auto_start")}=false\`.

A value that is wrong and a file that cannot be read are errors, never the
default. \`REEVE_SYNC_DISABLE\` is no setting: it can only forbid.
`;

function configPage(): string {
  const rows = KEY_NAMES.map((key) => {
    const spec = specOf(key);
    return [
      code(key),
      describeType(spec),
      code(formatSetting(spec, spec.default)),
      code(spec.env ?? "-"),
      spec.places === "user_and_project" ? "own, project" : "own",
      spec.description,
    ];
  });
  const titles = ["key", "type", "default", "env", "files", "description"];
  return `${NOTE}\n# Settings\n\n${CONFIG_INTRODUCTION}\n` +
    table(titles, rows);
}

const ENVIRONMENT_INTRODUCTION = `\
Lines of \`.reeve\` at the root of a repository, and variables of the
environment, which win over them. \`<NAME>\` is the name of a service in capitals,
with \`_\` for \`-\`. What they are good for is in
[A repository's services](../guide/environment.md).
`;

function environmentSettingsPage(): string {
  const sections = (["repository", "service", "dependency"] as const).map(
    (owner) => {
      const rows = keyReference().filter((key) => key.owner === owner)
        .map(({ name, spec }) => [
          code(name),
          describeType(spec),
          spec.description,
        ]);
      return `## Of a ${owner}\n\n${table(["key", "type", "meaning"], rows)}`;
    },
  );
  return `${NOTE}\n# Settings of a repository's services\n\n` +
    `${ENVIRONMENT_INTRODUCTION}\n${sections.join("\n")}`;
}

function pages(): Readonly<Record<string, string>> {
  const json = Object.entries(jsonPages(NOTE)).map(([name, text]) => [
    `json/${name}`,
    text,
  ]);
  return {
    "commands.md": commandsPage(),
    "config.md": configPage(),
    "environment_events.md": eventPage(NOTE),
    "environment_settings.md": environmentSettingsPage(),
    "exit_codes.md": exitCodesPage(),
    "../images/doctor.svg": doctorPicture(),
    ...Object.fromEntries(json),
  };
}

async function main(given: Given): Promise<number> {
  const isCheck = given.has("check");
  let stale = 0;
  for (const [name, text] of Object.entries(pages())) {
    const path = ROOT + name;
    const now = await Deno.readTextFile(path).catch(() => "");
    if (now === text) continue;
    if (isCheck) {
      console.error(`docs/reference/${name} is stale: run deno task docs`);
      stale++;
      continue;
    }
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  return stale === 0 ? 0 : 1;
}

await runScript(USAGE, main);
