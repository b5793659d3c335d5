/** Runs commands with `--json` and checks the documents that they print. */

import { assert, assertEquals } from "@std/assert";
import { REEVE, reeveCommand } from "#support/cli.ts";
import { DOCUMENTS, ERROR } from "../../scripts/schemas/catalog.ts";
import { headOf } from "../../scripts/schemas/publish.ts";
import type { Variables } from "./sync_place.ts";

/** Where and how a command runs. */
export interface Circumstances {
  /** Directory. */
  readonly cwd: string;
  /** Variables. */
  readonly env: Variables;
  /** What it reads on standard input. */
  readonly input?: string;
}

/** A document that was checked. */
// deno-lint-ignore no-explicit-any -- each test knows what it asked for
export type Document = any;

const CATALOG = new Map(
  DOCUMENTS.map((one) => [headOf(one.schema).title, one] as const),
);

const EXITS = {
  "not_found": 1,
  "not_ready": 3,
  "not_signed_in": 4,
  "usage": 64,
} as const;

/** Remembers which documents it has seen. */
export class JsonChecker {
  readonly #seen = new Set<string>();
  readonly #where: Circumstances;

  /** Runs everything there unless told otherwise. */
  constructor(where: Circumstances) {
    this.#where = where;
  }

  /** Documents in the catalog that no command has printed yet. */
  get unseen(): readonly string[] {
    return DOCUMENTS.map(({ name }) => name)
      .filter((name) => !this.#seen.has(name));
  }

  /** Checks a document; gives it. */
  check(text: string, words: string): Document {
    const found: Document = JSON.parse(text);
    const entry = "error" in found ? ERROR : CATALOG.get(found.schema);
    assert(entry !== undefined, `${words} prints a known document: ${text}`);
    const { success, error } = entry.schema.safeParse(found);
    const problems = JSON.stringify(error?.issues, null, 2);
    assert(success, `${words} prints a sound ${entry.name}: ${problems}`);
    this.#seen.add(entry.name);
    return found;
  }

  /** Runs a command; gives its document, once its exit code is right. */
  async run(
    words: string,
    exit: number,
    where: Partial<Circumstances> = {},
  ): Promise<Document> {
    const { cwd, env, input } = { ...this.#where, ...where };
    const child = new Deno.Command(REEVE, {
      args: reeveCommand([...words.split(" "), "--json"]),
      cwd,
      env: { ...this.#where.env, ...env },
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (input !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(input));
      await writer.close();
    }
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout);
    const told = `${words}: ${text}${decoder.decode(stderr)}`;
    assertEquals(code, exit, told);
    assertEquals(text, spelled(JSON.parse(text)), words);
    return this.check(text, words);
  }

  /** Runs a command that fails with this code. */
  async fails(
    words: string,
    code: keyof typeof EXITS,
    where: Partial<Circumstances> = {},
  ): Promise<void> {
    const { error } = await this.run(words, EXITS[code], where);
    assertEquals(error?.code, code, words);
  }
}

/** The one spelling of a document: sorted keys, two spaces, a final newline. */
function spelled(value: unknown): string {
  return JSON.stringify(value, inOrder, 2) + "\n";
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  const entries = Object.entries(value);
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}
