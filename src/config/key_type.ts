/**
 * What a key of the settings may hold, as data: one row of the table of keys.
 *
 * @module
 */

/** Where a key may stand: in the person's file only, or in a project's too. */
export type KeyPlaces = "user" | "user_and_project";

interface KeyBase {
  /** Its line in the reference. */
  readonly description: string;
  /** Variable that wins over every file. */
  readonly env?: string;
  /** Files it is read from. @default "user" */
  readonly places?: KeyPlaces;
}

/** On or off. */
export interface BooleanKey extends KeyBase {
  /** Tells the kinds of keys apart. */
  readonly type: "boolean";
  /** Its value when nobody has set it. */
  readonly default?: boolean;
}

/** One word of a list. */
export interface EnumKey extends KeyBase {
  /** Tells the kinds of keys apart. */
  readonly type: "enum";
  /** The words. */
  readonly words: readonly string[];
  /** Its value when nobody has set it. */
  readonly default?: string;
  /** An unknown word is a warning and counts as the default. */
  readonly isLenient?: true;
}

/** A whole number: plain, in bytes (`256MiB`), or in milliseconds (`5m`). */
export interface NumberKey extends KeyBase {
  /** Tells the kinds of keys apart. */
  readonly type: "integer" | "size" | "duration";
  /** Least value. */
  readonly min: number;
  /** Greatest value. */
  readonly max: number;
  /** Its value when nobody has set it. */
  readonly default?: number;
}

/** The address of a server. */
export interface UrlKey extends KeyBase {
  /** Tells the kinds of keys apart. */
  readonly type: "url";
  /** Its value when nobody has set it. */
  readonly default?: string;
}

/** Text of one form. */
export interface TextKey extends KeyBase {
  /** Tells the kinds of keys apart. */
  readonly type: "text";
  /** Regular expression for all of it. */
  readonly pattern: string;
  /** The form in words. */
  readonly form: string;
  /** Its value when nobody has set it. */
  readonly default?: string;
}

/** Some words of a list. */
export interface WordsKey extends KeyBase {
  /** Tells the kinds of keys apart. */
  readonly type: "words";
  /** The words. */
  readonly words: readonly string[];
  /** Its value when nobody has set it. */
  readonly default?: readonly string[];
}

/** One row of the table of keys. */
export type KeySpec =
  | BooleanKey
  | EnumKey
  | NumberKey
  | TextKey
  | UrlKey
  | WordsKey;

/** What any key may hold. */
export type AnyValue = boolean | number | string | readonly string[];

type Held<S extends KeySpec> = S extends BooleanKey ? boolean
  : S extends EnumKey ? S["words"][number]
  : S extends NumberKey ? number
  : S extends WordsKey ? readonly S["words"][number][]
  : string;

/** What a key of this row holds; `undefined` too, unless it has a default. */
export type ValueOf<S extends KeySpec> =
  | Held<S>
  | (S extends { readonly default: AnyValue } ? never : undefined);
