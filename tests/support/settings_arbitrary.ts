/**
 * Arbitrary settings of a repository, and text around them, for tests.
 *
 * @module
 */

import fc from "fast-check";
import { BLOCK_END, BLOCK_START } from "../../src/environment/managed_block.ts";
import type {
  DependencyChoice,
  EnvironmentSettings,
  Mode,
  ReadyRule,
  ServiceDefinition,
} from "../../src/environment/model.ts";
import {
  DEPENDENCY_IDS,
  DEPENDENCY_PORTS,
} from "../../src/environment/service_keys.ts";

const ODD = [..."ab \t'\"\\#$`&|;<>=%~*?[]:,/é漢"];
const inLine = fc.oneof(
  fc.string({ unit: fc.constantFrom(...ODD), maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 8 }),
).map((text) => text.replaceAll(/(?!\t)\p{Cc}|\uFFFD/gu, ""))
  .filter((text) => text.isWellFormed());
const shown = inLine.map((text) => `x${text.replaceAll("\t", "")}`.trim());
const slug = fc.stringMatching(/^[a-z][a-z0-9]{0,4}(-[a-z0-9]{1,3}){0,2}$/)
  .filter((text) => !/^(all|n8n|redis)$/.test(text));
const path = fc.stringMatching(/^[a-z.][a-z0-9_ -]{0,5}[a-z](\/[a-z]{1,4})?$/)
  .filter((text) => !text.startsWith(".."));
const words = fc.array(inLine, { minLength: 1, maxLength: 4 })
  .map(([first = "", ...rest]) => [`x${first}`, ...rest]);
const port = fc.integer({ min: 1, max: 65_535 });
const duration = fc.integer({ min: 100, max: 600_000 });
const modes: fc.Arbitrary<readonly Mode[]> = fc.subarray(["main", "trees"]);
const url = fc.webUrl().filter((text) => !/[{}]/.test(text));
const variable = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/)
  .filter((name) => !/^reeve_/i.test(name));
const free = fc.constantFrom<ReadyRule>({ kind: "exit" }, { kind: "running" });
const logged = shown.filter((text) => isPattern(text))
  .map((pattern): ReadyRule => ({ kind: "log", pattern }));
const served = fc.webPath().map((text): ReadyRule => ({
  kind: "http",
  path: `/${text.replace(/^\/+/, "")}`,
}));

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

function service(slug: string): fc.Arbitrary<ServiceDefinition> {
  return fc.option(port, { nil: undefined }).chain((portBase) =>
    fc.record({
      slug: fc.constant(slug),
      displayName: shown,
      command: words,
      directory: fc.oneof(fc.constant("."), path),
      portBase: fc.constant(portBase),
      ready: portBase === undefined ? fc.oneof(free, logged) : fc.oneof(
        free,
        logged,
        served,
        fc.constant<ReadyRule>({ kind: "listen" }),
      ),
      dependsOn: fc.constantFrom<readonly string[]>([], ["dependencies"]),
      env: fc.dictionary(
        variable,
        inLine.map((text) => text.replaceAll(/[{}]/g, "")),
        { maxKeys: 4, noNullPrototype: true },
      ),
      timeoutMs: duration,
      graceMs: fc.oneof(fc.constant(0), duration),
      isCritical: fc.boolean(),
      onlyIfPath: fc.option(path, { nil: undefined }),
      modes,
      healthUrl: fc.option(url, { nil: undefined }),
      publicUrl: fc.option(url, { nil: undefined }),
    })
  );
}

const URLS: Readonly<Record<string, string>> = {
  n8n: "http://h:1/",
  postgres: "postgres://h/d?x=%20'#y",
  redis: "rediss://h:1/2",
  supabase: "https://h",
};

function dependency(
  id: (typeof DEPENDENCY_IDS)[number],
): fc.Arbitrary<DependencyChoice> {
  return fc.record({
    id: fc.constant<string>(id),
    mode: fc.constantFrom(
      "auto" as const,
      "command" as const,
      "container" as const,
      "external" as const,
      "native" as const,
    ),
    ports: fc.record(
      Object.fromEntries(
        Object.keys(DEPENDENCY_PORTS[id]).map((name) => [name, port]),
      ),
    ),
    url: fc.constant(URLS[id]),
    command: words,
    isShared: fc.boolean(),
    // Two databases in one mode are a fault.
    modes: id === "supabase" ? fc.constant<readonly Mode[]>([]) : modes,
  });
}

/** Settings of every kind that a file can hold. */
export const settings: fc.Arbitrary<EnvironmentSettings> = fc.uniqueArray(
  slug,
  {
    maxLength: 4,
  },
).chain((slugs) =>
  fc.record({
    defaultMode: fc.constantFrom<Mode>("main", "trees"),
    treesDirectory: path.filter((text) => !/^\.(?:\/|$)/.test(text)),
    worktrees: fc.record({
      plansDirectory: path,
      links: fc.uniqueArray(
        fc.constantFrom("node_modules", "web/node_modules", ".venv"),
      ),
      runsHooks: fc.boolean(),
    }),
    services: fc.tuple(...slugs.map(service)).map((services) =>
      services.map((one, at) => ({
        ...one,
        dependsOn: at === 0 ? one.dependsOn : slugs.slice(0, at),
      }))
    ),
    dependencies: fc.shuffledSubarray([...DEPENDENCY_IDS])
      .chain((ids) => fc.tuple(...ids.map(dependency))),
    publicHost: fc.constantFrom("localhost", "a.b-c.example", "[::1]"),
    inheritedEnv: fc.uniqueArray(variable, { maxLength: 3 }),
  })
);

const ownRow = fc.oneof(
  fc.constantFrom(
    "",
    "# mine",
    "REEVE_PROJECT_ID=x",
    "export A='b c' # d",
    'B="open',
    "REEVE_SYNC_AUTO_START=yes",
    `# ${BLOCK_START}`,
    ` ${BLOCK_END}`,
    `${BLOCK_START}x`,
  ),
  fc.string().filter((text) => !/REEVE_|[\n\r]/i.test(text)),
);
/** What a person may have written into the file. */
export const ownText: fc.Arbitrary<string> = fc.array(
  fc.tuple(ownRow, fc.constantFrom("\n", "\r\n")),
  { maxLength: 6 },
).map((rows) => rows.flat().join(""));
