/**
 * The manual page, from the tables that help and reference are made of.
 *
 * @module
 */

import { EXIT } from "../src/cli/exit_code.ts";
import { KEY_NAMES, specOf } from "../src/config/keys.ts";
import { VERSION } from "../src/version.ts";
import { type HelpPage, helpPages } from "./command_help.ts";

/** Writes text so that roff shows it as it is. */
export function escapeRoff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    // A line that begins with a dot would be a request.
    .replaceAll(/^\./gm, "\\&.");
}

function verbatim(text: string): string {
  return `.nf\n${escapeRoff(text)}\n.fi`;
}

function commandSection({ name, text }: HelpPage): string {
  return `.SS ${escapeRoff(name)}\n${verbatim(text.trim())}`;
}

function entry(term: string, text: string): string {
  return `.TP\n.B ${escapeRoff(term)}\n${escapeRoff(text)}`;
}

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "Done; nothing critical was found.",
  actionable: "Something is wrong, and the output says what to do.",
  interrupted: "You quit or interrupted it.",
  notReady: "Something that it depends on is not ready.",
  signIn: "You have to sign in.",
  usage: "Wrong flags or arguments.",
  internal: "A bug in Reeve.",
  terminated: "It was ended by SIGTERM.",
};

function exitCodes(): string {
  const words = Object.entries(MEANINGS).map(([name, text]) => ({
    code: EXIT[name as keyof typeof EXIT],
    text,
  }));
  return words.map(({ code, text }) => entry(String(code), text)).join("\n");
}

function variables(): string {
  const rows = KEY_NAMES.map((key) => specOf(key)).flatMap((spec) =>
    spec.env === undefined ? [] : [entry(spec.env, spec.description)]
  );
  return [entry("REEVE_HOME", "The state root."), ...rows].join("\n");
}

/** The manual page `reeve.1`. */
export function manPage(pages: readonly HelpPage[] = helpPages()): string {
  const sections: readonly (readonly [string, string])[] = [
    [
      "NAME",
      "reeve \\- keeps the background processes of your machine in order",
    ],
    ["SYNOPSIS", ".B reeve\n.I command\n[flags]"],
    [
      "DESCRIPTION",
      escapeRoff(
        "Reeve starts one sync daemon for each state root, proves which\n" +
          "daemons are its own and removes stale ones without touching any\n" +
          "other process. It keeps the events of programs and delivers them\n" +
          "once, runs background jobs, and brings the services of a\n" +
          "repository up and down.",
      ),
    ],
    ["COMMANDS", pages.map(commandSection).join("\n")],
    ["EXIT STATUS", exitCodes()],
    ["ENVIRONMENT", variables()],
    [
      "FILES",
      [
        entry("~/.reeve", "The state root, unless REEVE_HOME names another."),
        entry(".reeve", "Settings of a project, at its root."),
      ].join("\n"),
    ],
  ];
  const body = sections.map(([title, text]) => `.SH ${title}\n${text}`);
  return `.TH REEVE 1 "" "reeve ${escapeRoff(VERSION)}"\n${body.join("\n")}\n`;
}
