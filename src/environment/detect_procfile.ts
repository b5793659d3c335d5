/**
 * Services of a Procfile.
 *
 * @module
 */

import { joinCommand, splitCommand } from "./command_words.ts";
import type { DirectoryFacts } from "./detect_facts.ts";
import type { FoundCommand } from "./detect_found.ts";

const ENTRY = /^([A-Za-z0-9_-]+):\s*(\S.*?)\s*$/;
const PORT = /\$\{PORT(?::-\d+)?\}|\$PORT\b/g;
const FIRST_PORT = 5000;

/** The processes of a Procfile; the ones that name `$PORT` listen. */
export function detectProcfile(
  { texts }: DirectoryFacts,
): readonly FoundCommand[] {
  const rows = (texts.get("Procfile") ?? "").split(/\r?\n/);
  return rows.flatMap((row): FoundCommand[] => {
    const [, name, text] = ENTRY.exec(row) ?? [];
    // A release step runs once before a deployment; it is no service.
    if (name === undefined || text === undefined || name === "release") {
      return [];
    }
    const filled = text.replace(PORT, "{port}");
    const listens = filled !== text || name === "web";
    return [{
      role: name,
      source: `Procfile ${name}`,
      confidence: "high",
      command: withoutShell(filled),
      port: listens ? FIRST_PORT : undefined,
      readsPort: listens,
      isNamed: true,
    }];
  });
}

/** What only a shell understands gets one. */
function withoutShell(text: string): string {
  const isPlain = splitCommand(text).kind === "words" && !/[$*~]/.test(text);
  return isPlain ? text : joinCommand(["sh", "-c", text]);
}
