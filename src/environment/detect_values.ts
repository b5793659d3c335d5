/**
 * Suggestions as settings: they fill in what nobody has said.
 *
 * @module
 */

import type { ServiceSuggestion } from "./detect_services.ts";
import type { Layers, StatedValue } from "./settings_layers.ts";
import { envPrefix, repositoryKey, serviceKey } from "./settings_names.ts";

/** Settings for suggested services, as far as what is stated leaves room. */
export function suggestedValues(
  suggestions: readonly ServiceSuggestion[],
  stated: Layers,
): readonly StatedValue[] {
  const free = suggestions.filter((suggestion) =>
    leavesRoom(stated, suggestion)
  );
  if (free.length === 0) return [];
  const list = repositoryKey("SERVICES").name;
  const slugs = suggestions.map(({ slug }) => slug).join(",");
  return [
    value(list, slugs, "what the repository has"),
    ...free.flatMap((suggestion) => {
      const { slug, command, directory, port, readsPort, source } = suggestion;
      const where = directory === "." ? source : `${directory}/${source}`;
      const name = (key: "CMD" | "DIR" | "PORT") => serviceKey(slug, key).name;
      return [
        value(name("CMD"), command, where),
        value(name("DIR"), directory, where),
        ...(port === undefined ? [] : [value(name("PORT"), `${port}`, where)]),
        ...(readsPort
          ? [value(`${envPrefix(slug)}PORT`, "{port}", where)]
          : []),
      ];
    }),
  ];
}

/** A stated command is no longer the suggested one, nor are its details. */
function leavesRoom(
  stated: Layers,
  { slug, directory }: ServiceSuggestion,
): boolean {
  const other = stated.find(serviceKey(slug, "DIR").name)?.text.trim();
  return stated.find(serviceKey(slug, "CMD").name) === undefined &&
    (other === undefined || other === directory);
}

function value(name: string, text: string, where: string): StatedValue {
  return { name, text, origin: { source: "detected", where } };
}
