/**
 * The pieces that schemas of documents are made of.
 *
 * Objects here are strict, so that a test fails on a key that nobody wrote
 * down. What is published allows further keys where readers must expect them.
 *
 * @module
 */

import * as z from "zod/mini";

/** Schemas by key. */
export type Shape = Readonly<Record<string, z.ZodMiniType>>;

/** Gives a schema its description. */
export function said<S extends z.ZodMiniType>(says: string, schema: S): S {
  return schema.check(z.describe(says));
}

/** A number of things, from 0. */
export function count(says: string): z.ZodMiniType<number> {
  return said(says, z.int().check(z.gte(0)));
}

/** A number of bytes, from 0. */
export function bytes(says: string): z.ZodMiniType<number> {
  return count(`${says}, in bytes`);
}

/** Any text. */
export function text(says: string): z.ZodMiniType<string> {
  return said(says, z.string());
}

/** Text, or `null` as the description says. */
export function maybeText(says: string): z.ZodMiniType<string | null> {
  return said(says, z.nullable(z.string()));
}

/** True or false. */
export function flag(says: string): z.ZodMiniType<boolean> {
  return said(says, z.boolean());
}

/** A time as ISO 8601 in UTC with `Z`. */
export function instant(says: string): z.ZodMiniType<string> {
  return said(says, z.iso.datetime());
}

/** Such a time, or `null` as the description says. */
export function maybeInstant(says: string): z.ZodMiniType<string | null> {
  return said(says, z.nullable(z.iso.datetime()));
}

/** A time as RFC 3339 with `Z` or an offset. */
export function offsetInstant(says: string): z.ZodMiniType<string> {
  return said(says, z.iso.datetime({ offset: true }));
}

/** Text of one pattern. */
export function shaped(says: string, pattern: RegExp): z.ZodMiniType<string> {
  return said(says, z.string().check(z.regex(pattern)));
}

/**
 * One of the words of a type. All of them must be named, so that the compiler
 * finds a word that was added or went away.
 */
export function word<W extends string>(
  says: string,
  words: Readonly<Record<W, true>>,
): z.ZodMiniType<W> {
  return said(says, z.enum(Object.keys(words) as [W, ...W[]]));
}

/** Numbers by word. */
export function counts(
  says: string,
): z.ZodMiniType<Record<string, number>> {
  return said(says, z.record(z.string(), z.int().check(z.gte(0))));
}

/** A list. */
export function list<S extends z.ZodMiniType>(
  says: string,
  items: S,
): z.ZodMiniType<z.output<S>[]> {
  return said(says, z.array(items)) as z.ZodMiniType<z.output<S>[]>;
}

/** Something, or `null` as the description says. */
export function maybe<S extends z.ZodMiniType>(
  says: string,
  schema: S,
): z.ZodMiniType<z.output<S> | null> {
  const nullable = z.nullable(schema);
  return said(says, nullable) as z.ZodMiniType<z.output<S> | null>;
}

/** An object with these keys and no others. */
export function fields<const S extends Shape>(
  says: string,
  shape: S,
): z.ZodMiniType<{ [K in keyof S]: z.output<S[K]> }> {
  return said(says, z.strictObject(shape)) as unknown as z.ZodMiniType<
    { [K in keyof S]: z.output<S[K]> }
  >;
}

/** Any JSON object. */
export function anyObject(says: string): z.ZodMiniType<object> {
  return said(says, z.looseObject({}));
}

/** The two keys by which a document names itself. */
export function head(schema: string, version = 1): Shape {
  return {
    "schema": said("Name of this document.", z.literal(schema)),
    "schema_version": said(
      "Version of this document. A key that is removed, renamed or means " +
        "something else raises it; a key that is added does not.",
      z.literal(version),
    ),
  };
}

/** A document that one command prints. */
export function document(
  name: string,
  shape: Shape,
  version = 1,
): z.ZodMiniType {
  return z.strictObject({ ...head(name, version), ...shape });
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Id of an event. */
export const eventId: z.ZodMiniType<string> = shaped(
  "ULID of the event.",
  ULID,
);

/** Another ULID, such as that of a request. */
export function ulid(says: string): z.ZodMiniType<string> {
  return shaped(says, ULID);
}

/** A UUID in lower case. */
export function uuid(says: string): z.ZodMiniType<string> {
  return shaped(says, UUID);
}

/** Id of the project that a document is about. */
export const projectId: z.ZodMiniType<string> = uuid("UUID of the project.");

/** SHA-256 in lowercase hexadecimal. */
export function sha256(says: string): z.ZodMiniType<string> {
  return shaped(`${says}: SHA-256 in lowercase hexadecimal.`, /^[0-9a-f]{64}$/);
}

/** A TCP port of this machine. */
export function port(says: string): z.ZodMiniType<number> {
  return said(says, z.int().check(z.gte(0), z.lte(65535)));
}

/** Number of a process. */
export function pid(says: string): z.ZodMiniType<number> {
  return said(says, z.int().check(z.gte(1)));
}

/** How the command ended, as its exit code. */
export const exitCode: z.ZodMiniType<number> = count(
  "The exit code of the command; see exit_codes.md.",
);
