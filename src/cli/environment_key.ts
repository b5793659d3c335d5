/**
 * One key of a repository's environment on the command line: which one is
 * meant, what it holds, and where that comes from.
 *
 * @module
 */

import { isProjectKey, KEY_NAMES, lineNameOf } from "../config/keys.ts";
import { checkText } from "../config/check_value.ts";
import type { AnyValue } from "../config/key_type.ts";
import { KnownError } from "../errors.ts";
import { managedLines } from "../environment/managed_block.ts";
import {
  type EnvironmentPlace,
  openEnvironment,
} from "../environment/place.ts";
import type { PlaceHost } from "../environment/place.ts";
import {
  fullName,
  looksLikeKey,
  lookUpKey,
} from "../environment/settings_alias.ts";
import type { SettingChange } from "../environment/settings_change.ts";
import type { SettingOrigin } from "../environment/settings_layers.ts";
import type { NamedKey } from "../environment/settings_names.ts";

/** A key with what it holds. */
export interface EnvironmentKey {
  /** `REEVE_SERVICE_API_PORT`. */
  readonly name: string;
  /** What it takes; `undefined` for a service's variable. */
  readonly spec: NamedKey["spec"] | undefined;
  /** Its value as a file writes it; `undefined` when it counts nowhere. */
  readonly text: string | undefined;
  /** Its value; `undefined` for none. */
  readonly value: AnyValue | undefined;
  /** Where the value comes from. */
  readonly origin: SettingOrigin;
}

/** The change that `KEY=VALUE` asks for. */
export function asChange(name: string, value: string): SettingChange {
  return { name: requireWritten(name), value };
}

/** The change that takes a key out. */
export function asRemoval(name: string): SettingChange {
  return { name: requireWritten(name), value: undefined };
}

/** Opens the repository around the current directory. */
export async function openPlace(host: PlaceHost): Promise<EnvironmentPlace> {
  return await openEnvironment(host, { cwd: host.env.cwd });
}

/**
 * What a key holds.
 *
 * @throws {KnownError} `usage` for one that does not exist.
 */
export function findKey(
  { loaded }: Pick<EnvironmentPlace, "loaded">,
  name: string,
): EnvironmentKey {
  const slugs = loaded.settings.services.map(({ slug }) => slug);
  const found = lookUpKey(requireWritten(name), slugs);
  if (found.kind === "unknown") throw unknownKey(name, found.nearest);
  const text = new Map(managedLines(loaded.settings)).get(found.name);
  const origin = loaded.origins.get(found.name) ??
    { source: "default", where: "default" };
  return {
    name: found.name,
    spec: found.spec,
    text,
    origin,
    value: valueOf(found.spec, text),
  };
}

function valueOf(
  spec: NamedKey["spec"] | undefined,
  text: string | undefined,
): AnyValue | undefined {
  if (text === undefined || spec === undefined) return text;
  if (text === "") return undefined;
  const checked = checkText(spec, text);
  return checked.kind === "value" ? checked.value : text;
}

/** The whole name of a key, whether it exists or not. */
function requireWritten(name: string): string {
  if (looksLikeKey(name)) return fullName(name);
  const own = KEY_NAMES.filter(isProjectKey).find((key) =>
    lineNameOf(key) === name
  );
  if (own === undefined) throw unknownKey(name, undefined);
  throw new KnownError("usage", `${name} is a setting of synchronisation`, {
    hint: `Its name on the command line is ${own}.`,
  });
}

function unknownKey(name: string, nearest: string | undefined): KnownError {
  return new KnownError("usage", `Cannot find the setting ${name}`, {
    hint: nearest === undefined
      ? "See: reeve show-config, and reeve config show"
      : `Did you mean ${nearest}?`,
  });
}
