/**
 * The variables that an `.envctl` file has for services.
 *
 * @module
 */

import type { EnvLine } from "../config/env_lines.ts";
import { type Legacy, put } from "./legacy_lines.ts";
import type { LegacySection } from "./legacy_sections.ts";
import type { DependencyId } from "./service_keys.ts";
import { envPrefix, suffixOf } from "./settings_names.ts";
import { sourcesIn } from "./template_fill.ts";
import { knownSources } from "./template_sources.ts";

const SOURCE = "ENVCTL_SOURCE_";

/** Translates sections and single variables for some services. */
export function legacyEnv(
  legacy: Legacy,
  slugs: readonly string[],
  dependencies: readonly DependencyId[],
): void {
  const known = new Set(
    knownSources(slugs.map((slug) => ({ slug, portBase: 1 })), dependencies)
      .keys(),
  );
  for (const { mode, lines: [first] } of legacy.sections) {
    if (mode === undefined || first === undefined) continue;
    legacy.warnings.push(
      `${legacy.place(first.line)}: variables for ${mode} alone count in ` +
        `both modes here, those for main first`,
    );
  }
  for (const slug of slugs) {
    const lines = linesFor(legacy.sections, slug);
    const own = new Set<string>();
    for (const line of lines.values()) {
      const value = translateValue(line.value, slugs);
      const missing = sourcesIn(value).find((source) =>
        !known.has(source) && !own.has(source)
      );
      if (missing === undefined) {
        own.add(line.name);
        put(legacy, envPrefix(slug) + line.name, value, line.line);
      } else {
        legacy.warnings.push(
          `${legacy.place(line.line)}: ${line.name} is left out, ` +
            `as nothing provides ${missing}`,
        );
      }
    }
    overlays(legacy, slug);
  }
}

/** The line that counts for each name: the narrower section wins. */
function linesFor(
  sections: readonly LegacySection[],
  slug: string,
): ReadonlyMap<string, EnvLine> {
  const rank = ({ owner, mode }: LegacySection) =>
    (owner === slug ? 4 : 0) +
    (mode === undefined ? 1 : mode === "main" ? 2 : 0);
  const wanted = sections
    .filter(({ owner }) => owner === slug || owner === "shared")
    .toSorted((a, b) => rank(a) - rank(b));
  return new Map(
    wanted.flatMap(({ lines }) => lines).map((line) => [line.name, line]),
  );
}

/** A name of theirs in a value becomes ours. */
function translateValue(value: string, slugs: readonly string[]): string {
  return value.replace(/\$\{([^{}]*)\}/g, (whole, name: string) => {
    if (!name.startsWith(SOURCE)) return whole;
    const plain = name.slice(SOURCE.length);
    const slug = slugs.find((slug) => plain.startsWith(`${suffixOf(slug)}_`));
    return slug === undefined ? `\${${plain}}` : `\${SERVICE_${plain}}`;
  });
}

function overlays(legacy: Legacy, slug: string): void {
  const prefix = `ENVCTL_${suffixOf(slug)}_ENV__`;
  for (const { name, value, line } of legacy.keys.values()) {
    if (!name.startsWith(prefix)) continue;
    put(legacy, envPrefix(slug) + name.slice(prefix.length), value, line);
  }
}
