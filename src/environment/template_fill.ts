/**
 * Fills what settings leave open: `{port}` and its like, and `${NAME}` in the
 * variables of a service.
 *
 * @module
 */

import { KnownError } from "../errors.ts";

/** What stands behind `{port}` and its like. */
export interface PlaceholderFacts {
  /** Port of the service, if it has one. */
  readonly port: number | undefined;
  /** Ports of all units of the project, by slug, for `{port:slug}`. */
  readonly ports: ReadonlyMap<string, number>;
  /** Root of the project. */
  readonly projectRoot: string;
  /** Directory that the service runs in. */
  readonly serviceDirectory: string;
  /** Slug of the service. */
  readonly serviceName: string;
}

/** What stands behind `${NAME}`. */
export interface TemplateSource {
  /** Its value. */
  readonly value: string;
}

/** What a name may be filled with, as far as settings can tell. */
export interface KnownSource {
  /** Whether a browser must never get it. */
  readonly isSecret: boolean;
}

/** Variables of a service, ready for use. */
export interface FilledEnv {
  /** The variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Those left out, with the name that has no value now. */
  readonly dropped: readonly {
    readonly name: string;
    readonly source: string;
  }[];
}

/** Something wrong with a variable. */
export interface EnvProblem {
  /** The variable. */
  readonly name: string;
  /** What is wrong with it, to follow "it". */
  readonly reason: string;
  /** The name that nobody knows, if that is it. */
  readonly unknown: string | undefined;
}

const PLACEHOLDER =
  /(?<!\$)\{(port|project_root|service_dir|service_name|port:[a-z0-9-]+)\}/g;
const OPEN = new RegExp(
  `\\$(?<escape>\\$)?\\{(?<source>[^{}]*)\\}|${PLACEHOLDER.source}`,
  "g",
);
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

// Bundlers put variables with these names into what a browser loads.
const PUBLIC_NAME =
  /^(?:VITE|NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|REACT_APP|VUE_APP|EXPO_PUBLIC|GATSBY|NG_APP)_/;

/** The placeholders in a text: `port`, `port:api`, `project_root`. */
export function placeholdersIn(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
}

/**
 * Fills the placeholders in a text; all other braces stay.
 *
 * @throws {KnownError} `usage` for the port of something that has none.
 */
export function fillPlaceholders(
  text: string,
  facts: PlaceholderFacts,
): string {
  return text.replace(PLACEHOLDER, (_, name) => placeholder(name, facts));
}

/**
 * Fills the variables of a service. A name means an earlier variable of the
 * same service, else a source. What is filled in is never filled again.
 *
 * @throws {KnownError} `usage` for the port of something that has none.
 */
export function fillEnv(
  env: Readonly<Record<string, string>>,
  sources: Pick<ReadonlyMap<string, TemplateSource>, "get">,
  facts: PlaceholderFacts,
): FilledEnv {
  const own = new Map<string, string>();
  const dropped: { name: string; source: string }[] = [];
  for (const [name, text] of Object.entries(env)) {
    const valueOf = (source: string) =>
      own.get(source) ?? sources.get(source)?.value;
    const missing = sourcesIn(text).find((source) =>
      valueOf(source) === undefined
    );
    if (missing !== undefined) {
      dropped.push({ name, source: missing });
      continue;
    }
    const value = text.replace(OPEN, (whole, ...rest) => {
      const { escape, source } = rest.at(-1);
      if (escape !== undefined) return whole.slice(1);
      if (source !== undefined) return valueOf(source) ?? "";
      return placeholder(whole.slice(1, -1), facts);
    });
    own.set(name, value);
  }
  return { env: Object.fromEntries(own), dropped };
}

/**
 * What is wrong with the variables of a service: names that nobody knows, and
 * secrets where a browser could see them.
 */
export function checkEnv(
  slug: string,
  env: Readonly<Record<string, string>>,
  known: ReadonlyMap<string, KnownSource>,
): readonly EnvProblem[] {
  const own = new Map<string, KnownSource>();
  return Object.entries(env).flatMap(([name, text]): EnvProblem[] => {
    const used = sourcesIn(text);
    const find = (source: string) => own.get(source) ?? known.get(source);
    const isSecret = used.some((source) => find(source)?.isSecret === true);
    const unknown = used.find((source) => find(source) === undefined);
    own.set(name, { isSecret });
    if (unknown !== undefined) {
      const reason = VARIABLE.test(unknown)
        ? `names \${${unknown}}, which nothing provides`
        : "has a ${…} without the name of a variable; $${ stands for ${";
      return [{ name, reason, unknown }];
    }
    if (!isSecret || (slug !== "frontend" && !PUBLIC_NAME.test(name))) {
      return [];
    }
    const reason = "would show a secret of a dependency to browsers";
    return [{ name, reason, unknown: undefined }];
  });
}

/** The names that a text wants filled in. */
export function sourcesIn(text: string): readonly string[] {
  return [...text.matchAll(OPEN)].flatMap(({ groups }) =>
    groups?.["source"] === undefined || groups["escape"] !== undefined
      ? []
      : [groups["source"]]
  );
}

function placeholder(name: string, facts: PlaceholderFacts): string {
  switch (name) {
    case "project_root":
      return facts.projectRoot;
    case "service_dir":
      return facts.serviceDirectory;
    case "service_name":
      return facts.serviceName;
  }
  const port = name === "port"
    ? facts.port
    : facts.ports.get(name.slice("port:".length));
  if (port !== undefined) return String(port);
  throw new KnownError(
    "usage",
    `Cannot fill {${name}} for ${facts.serviceName}: it has no port`,
    { hint: "Give it a port in .reeve, or take the placeholder out." },
  );
}
