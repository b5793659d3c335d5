// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Writes `docs/reference/` from the code: the commands from the command line's
 * own table, the JSON schemas from the checks. With `--check` it only tells
 * whether the files are up to date.
 *
 * Run with `deno task docs`.
 */

import {
  type Application,
  type CommandContext,
  generateHelpTextForAllCommands,
} from "@stricli/core";
import { app } from "../src/cli/commands.ts";
import { ENVIRONMENT_BRIEFS } from "../src/cli/environment_words.ts";
import { COMMANDS } from "../src/environment/route_commands.ts";
import { commandHelp } from "../src/environment/route_help.ts";
import { EXIT } from "../src/cli/exit_code.ts";
import { tidyHelp } from "../src/cli/help_text.ts";
import {
  KEY_NAMES,
  type KeyName,
  lineNameOf,
  specOf,
} from "../src/config/keys.ts";
import { describeType, formatSetting } from "../src/config/value_text.ts";
import { eventPage } from "./schemas/event_page.ts";
import { jsonPages } from "./schemas/publish.ts";

const ROOT = new URL("../docs/reference/", import.meta.url).pathname;

const NOTE = "<!-- Written by `deno task docs`; do not edit. -->\n";

function section(name: string, help: string): string {
  return `## ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`;
}

function commandsPage(): string {
  // Help needs no context, but the type of the application names ours.
  const plain = app as unknown as Application<CommandContext>;
  const parts = generateHelpTextForAllCommands(plain).map(([name, text]) =>
    section(name, tidyHelp(text))
  );
  const environment = COMMANDS.filter(({ name }) => name in ENVIRONMENT_BRIEFS)
    .map(({ name }) => section(`reeve ${name}`, commandHelp(name)));
  return `${NOTE}\n# Commands\n\n${[...parts, ...environment].join("\n")}`;
}

function exitCodesPage(): string {
  const rows = Object.entries(EXIT).map(([name, code]) =>
    `| ${code} | ${name.replace(/([A-Z])/g, "_$1").toLowerCase()} |`
  );
  return `${NOTE}\n# Exit codes\n\n| code | name |\n| --- | --- |\n` +
    `${rows.join("\n")}\n`;
}

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
  const code = (text: string) => text === "-" ? text : `\`${text}\``;
  const row = (key: KeyName) => {
    const spec = specOf(key);
    const cells = [
      code(key),
      describeType(spec),
      code(formatSetting(spec, spec.default)),
      code(spec.env ?? "-"),
      spec.places === "user_and_project" ? "own, project" : "own",
      spec.description,
    ];
    return `| ${cells.join(" | ")} |`;
  };
  const titles = ["key", "type", "default", "env", "files", "description"];
  return `${NOTE}\n# Settings\n\n${CONFIG_INTRODUCTION}\n| ${
    titles.join(" | ")
  } |\n` +
    `|${titles.map(() => " --- |").join("")}\n` +
    `${KEY_NAMES.map(row).join("\n")}\n`;
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
    "exit_codes.md": exitCodesPage(),
    ...Object.fromEntries(json),
  };
}

async function main(): Promise<number> {
  const isCheck = Deno.args.includes("--check");
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

Deno.exit(await main());
