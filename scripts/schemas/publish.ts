/**
 * Schemas as files: each as JSON Schema, and the page that lists them.
 *
 * @module
 */

import * as z from "zod";
import type { ZodMiniType } from "zod/mini";
import {
  type CommandDocument,
  DOCUMENTS,
  ERROR,
  FILES,
  MESSAGES,
  type OtherShape,
} from "./catalog.ts";

/**
 * A schema as JSON Schema (2020-12). An open one allows keys that it does not
 * name, as readers must expect them; others are a person's to write, and a key too many is a slip.
 */
export function toJsonSchema(
  name: string,
  schema: ZodMiniType,
  { isOpen }: { readonly isOpen: boolean },
): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    unrepresentable: "any",
    override({ jsonSchema: json }) {
      if (isOpen && json.additionalProperties === false) {
        delete json.additionalProperties;
      }
      // The format says it, and a reader is not to be stricter than it.
      if (json.format === "date-time") delete json.pattern;
      if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
      if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
    },
  });
  return { $schema, title: name, ...rest };
}

const INTRODUCTION = `\
Each file is a JSON Schema of the draft 2020-12. A command that is given
\`--json\` prints exactly one document on standard output; \`sync watch\` and
\`logs --follow\` go on and print one a line. Which one it is, \`schema\` and
\`schema_version\` say; the document of an error has \`error\` in their place. A
key may be added at any time, so that readers pass over keys that they do not
know; what else may change is in [record 4](../../adr/0004-json-versions.md).

Unless a description says otherwise, times are ISO 8601 in UTC, \`…_bytes\` are
bytes, \`…_s\` seconds and \`ms\` milliseconds.
`;

function link(name: string): string {
  return `[${name}.schema.json](${name}.schema.json)`;
}

function documentRow({ name, commands, schema }: CommandDocument): string {
  const { title, version } = headOf(schema);
  const typed = commands.map((words) => `\`reeve ${words}\``).join(", ");
  return `| \`${title}\` | ${version} | ${typed} | ${link(name)} |`;
}

/** The name and the version that a document states. */
export function headOf(
  schema: ZodMiniType,
): { readonly title: string; readonly version: number } {
  const json = z.toJSONSchema(schema, { unrepresentable: "any" });
  const [first = json] = json.anyOf ?? [];
  const constOf = (key: string) => {
    const property = typeof first === "object"
      ? first.properties?.[key]
      : undefined;
    return typeof property === "object" ? property.const : undefined;
  };
  return {
    title: String(constOf("schema")),
    version: Number(constOf("schema_version")),
  };
}

function otherRow({ name, what }: OtherShape): string {
  return `| ${what} | ${link(name)} |`;
}

function indexPage(): string {
  return [
    "# JSON documents",
    INTRODUCTION.trimEnd(),
    "## Documents of commands",
    [
      "| document | version | command | schema |",
      "| --- | --- | --- | --- |",
      ...DOCUMENTS.map(documentRow),
      `| an error | | every command | ${link(ERROR.name)} |`,
    ].join("\n"),
    "## Messages",
    "Between a client and a server of events; see " +
    "[the protocol](../../protocol.md).",
    [
      "| message | schema |",
      "| --- | --- |",
      ...MESSAGES.map(otherRow),
    ].join("\n"),
    "## Files",
    ["| file | schema |", "| --- | --- |", ...FILES.map(otherRow)].join("\n"),
  ].join("\n\n") + "\n";
}

function fileOf(
  { name, schema, isClosed = false }: Pick<
    OtherShape,
    "name" | "schema" | "isClosed"
  >,
): readonly [string, string] {
  const json = toJsonSchema(name, schema, { isOpen: !isClosed });
  return [`${name}.schema.json`, JSON.stringify(json, null, 2) + "\n"];
}

/** The text of every file below `docs/reference/json/` by its name. */
export function jsonPages(
  note: string,
): Readonly<Record<string, string>> {
  return {
    "README.md": `${note}\n${indexPage()}`,
    ...Object.fromEntries(
      [ERROR, ...DOCUMENTS, ...MESSAGES, ...FILES].map(fileOf),
    ),
  };
}
