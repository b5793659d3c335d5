/**
 * The events of environments as a page of the reference.
 *
 * @module
 */

import {
  EVENTS,
  type EventShape,
} from "../../src/environment/event_registry.ts";

const INTRODUCTION = `\
What starting and stopping write down, one JSON object a line, in
\`events.jsonl\` of the repository's directory in the state root. A file of
8 MiB is put aside as \`events.jsonl.1\`, in the place of the one before it. The
last line may be torn when a command was killed. Each line also has \`schema\`,
\`schema_version\`, \`event\`, \`timestamp\` and \`trace_id\`; their JSON Schema is
[runtime_event.schema.json](json/runtime_event.schema.json).

The last column says what becomes of a field in a bundle of
\`reeve debug-pack\`: public fields are searched for secrets and kept, hashed
ones become a hash that means something within that bundle only, secret ones
are left out. Whatever is not listed here is left out too.
`;

function section([name, { fields, says }]: [string, EventShape]): string {
  const rows = Object.entries(fields).map(([key, { care, kind, says }]) =>
    `| \`${key}\` | ${kind.replaceAll("_", " ")} | ${says} | ${care} |`
  );
  return `## ${name}\n\n${says}\n\n` +
    `| field | holds | meaning | in a bundle |\n| --- | --- | --- | --- |\n` +
    `${rows.join("\n")}\n`;
}

/** The page, below the note that nobody should edit it. */
export function eventPage(note: string): string {
  const sections = Object.entries<EventShape>(EVENTS).map(section);
  return `${note}\n# Events of environments\n\n${INTRODUCTION}\n${
    sections.join("\n")
  }`;
}
