/**
 * Reading a versioned JSON file without ever trusting it: the reader learns
 * whether it is there, sound, damaged or from a newer program.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";

/** What reading a document gave. A reason never holds bytes of the file. */
export type DocumentRead<T> =
  | { readonly kind: "found"; readonly value: T }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "damaged"; readonly reason: string }
  | { readonly kind: "too_new"; readonly version: number };

/** Checks the shape of a parsed document; zod schemas fit. */
export interface DocumentSchema<T> {
  /** Tells whether a value has the shape, and gives it typed. */
  safeParse(value: unknown, options: { readonly jitless: true }):
    | { readonly success: true; readonly data: T }
    | {
      readonly success: false;
      readonly error: {
        readonly issues: readonly {
          readonly path: readonly PropertyKey[];
        }[];
      };
    };
}

/**
 * Reads one document; a `schema_version` above `version` is `too_new`.
 *
 * @param loadSchema called only when there is a file: checkers cost start-up.
 */
export async function readDocument<T>(
  host: Pick<Host, "files">,
  path: string,
  loadSchema: () => Promise<DocumentSchema<T>>,
  version = 1,
): Promise<DocumentRead<T>> {
  const text = await readDocumentText(host, path);
  return typeof text === "string"
    ? parseDocument(text, await loadSchema(), version)
    : text;
}

/** The text of a document, or why there is none. */
export async function readDocumentText(
  host: Pick<Host, "files">,
  path: string,
): Promise<
  | string
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly reason: string }
> {
  try {
    return await host.files.readText(path);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === "not_found") return { kind: "missing" };
    return { kind: "unreadable", reason: error.code.replaceAll("_", " ") };
  }
}

/**
 * The value of a document that cannot be done without.
 *
 * @throws {KnownError} `not_found`, `unreadable`, `damaged_file`, `newer_file`,
 * each naming the file.
 */
export function requireDocument<T>(
  read: DocumentRead<T>,
  path: string,
  hint: string,
): T {
  switch (read.kind) {
    case "found":
      return read.value;
    case "missing":
      throw new KnownError("not_found", `Cannot read ${path}: no such file`, {
        hint,
      });
    case "too_new":
      throw new KnownError(
        "newer_file",
        `Cannot use ${path}: it has version ${read.version}`,
        {
          hint: "It is from a newer reeve: upgrade this one, or move it away.",
        },
      );
    case "damaged":
    case "unreadable":
      throw new KnownError(
        read.kind === "damaged" ? "damaged_file" : "unreadable",
        `Cannot use ${path}: ${read.reason}`,
        { hint },
      );
  }
}

/** Parses the text of a document. */
export function parseDocument<T>(
  text: string,
  schema: DocumentSchema<T>,
  version = 1,
): DocumentRead<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const reason = text.trim() === "" ? "it is empty" : "it is not JSON";
    return { kind: "damaged", reason };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "damaged", reason: "it is not a JSON object" };
  }
  const stated = "schema_version" in value ? value.schema_version : undefined;
  if (typeof stated === "number" && stated > version) {
    return { kind: "too_new", version: stated };
  }
  // To compile a check takes longer than one document does.
  const parsed = schema.safeParse(value, { jitless: true });
  if (parsed.success) return { kind: "found", value: parsed.data };
  const keys = parsed.error.issues.map((issue) => issue.path.join(".") || "?");
  return {
    kind: "damaged",
    reason: `these keys are wrong: ${
      [...new Set(keys)].slice(0, 6).join(", ")
    }`,
  };
}
