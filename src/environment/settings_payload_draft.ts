/**
 * Collects the changes that a payload asks for, with the place of each in it.
 *
 * @module
 */

import { nearestName } from "../config/nearest.ts";
import { KnownError } from "../errors.ts";
import type { EnvironmentSettings, Mode } from "./model.ts";
import { fullName } from "./settings_alias.ts";
import type { SettingChange } from "./settings_change.ts";
import { type DependencyId, isDependency } from "./service_keys.ts";
import { dependencyKey, repositoryKey, serviceKey } from "./settings_names.ts";

/** A value in a payload, and where it is. */
export interface PayloadPlace {
  /** `ports.api`; empty for the whole. */
  readonly path: string;
  /** Its own name. */
  readonly name: string;
  /** The value. */
  readonly value: unknown;
}

const MODES: readonly Mode[] = ["main", "trees"];

/** Changes in the making. */
export class PayloadDraft {
  /** What has no counterpart here, as sentences. */
  readonly warnings: string[] = [];
  /** Slugs of all services, those that the payload adds last. */
  readonly slugs: string[];
  /** Dependencies that are on. */
  readonly dependencies: Set<DependencyId>;
  /** Modes of units that the payload has changed. */
  readonly modes = new Map<string, Set<Mode>>();
  readonly #values = new Map<string, string | undefined>();
  readonly #settings: EnvironmentSettings;

  /** Begins with what counts so far. */
  constructor(settings: EnvironmentSettings) {
    this.#settings = settings;
    this.slugs = settings.services.map(({ slug }) => slug);
    this.dependencies = new Set(
      settings.dependencies.map(({ id }) => id).filter(isDependency),
    );
  }

  /** Every change, lists last. */
  changes(): readonly SettingChange[] {
    const { services, dependencies } = this.#settings;
    const values = new Map(this.#values);
    const list = repositoryKey("SERVICES").name;
    const isLonger = this.slugs.length > services.length;
    if (isLonger && !values.has(list)) values.set(list, this.slugs.join(","));
    const on = [...this.dependencies];
    const isOther = on.length !== dependencies.length ||
      dependencies.some(({ id }) => isDependency(id) && !on.includes(id));
    const others = repositoryKey("DEPENDENCIES").name;
    if (isOther) values.set(others, on.join(",") || "none");
    return [...values].map(([name, value]) => ({ name, value }));
  }

  /** Sets a key to a value of the payload; null takes it out. */
  put(name: string, { path, value }: PayloadPlace): void {
    this.#values.set(name, value === null ? undefined : textOf(path, value));
  }

  /** Sets a key to a text. */
  putText(name: string, text: string): void {
    this.#values.set(name, text);
  }

  /** Sets the key that a place is called like. */
  putFlat(place: PayloadPlace): void {
    this.put(fullName(place.name), place);
  }

  /** Sets the key that the name of a place stands for. */
  choose(place: PayloadPlace, keys: Readonly<Record<string, string>>): void {
    const key = Object.hasOwn(keys, place.name) ? keys[place.name] : undefined;
    if (key === undefined) this.refuse(place, Object.keys(keys));
    else this.put(key, place);
  }

  /** The members of an object. */
  entries({ path, value }: PayloadPlace): readonly PayloadPlace[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw wrong(path, "it must be an object");
    }
    return Object.entries(value).map(([name, value]) => ({
      path: path === "" ? name : `${path}.${name}`,
      name,
      value,
    }));
  }

  /** The members of a list, called by their `slug` or `name`. */
  items({ path, value }: PayloadPlace): readonly PayloadPlace[] {
    if (!Array.isArray(value)) throw wrong(path, "it must be a list");
    return value.map((item: unknown, at) => {
      const place = { path: `${path}[${at}]`, name: "", value: item };
      const members = this.entries(place);
      const naming = members.find(({ name }) => name === "slug") ??
        members.find(({ name }) => name === "name");
      if (typeof naming?.value !== "string") {
        throw wrong(place.path, "it needs a slug");
      }
      const rest = members.filter((member) => member !== naming);
      return {
        ...place,
        name: naming.value,
        value: Object.fromEntries(rest.map(({ name, value }) => [name, value])),
      };
    });
  }

  /** Keys of one kind for every service, by slug. */
  perService(
    keyOf: (slug: string) => string,
  ): Readonly<Record<string, string>> {
    return Object.fromEntries(this.slugs.map((slug) => [slug, keyOf(slug)]));
  }

  /** Notes what has no counterpart. */
  leaveOut({ path }: PayloadPlace): void {
    this.warnings.push(`${path} has no counterpart here and was left out`);
  }

  /** Switches a unit on or off in one mode. */
  switchMode(unit: string, mode: Mode, isOn: boolean): void {
    const modes = this.modes.get(unit) ?? new Set(this.#modesOf(unit));
    if (isOn) modes.add(mode);
    else modes.delete(mode);
    this.modes.set(unit, modes);
  }

  /** Writes the modes that were switched. */
  putModes(): void {
    for (const [unit, modes] of this.modes) {
      const text = MODES.filter((mode) => modes.has(mode)).join(",") || "none";
      if (!isDependency(unit)) {
        this.putText(serviceKey(unit, "MODES").name, text);
        continue;
      }
      if (modes.size === 0) {
        this.dependencies.delete(unit);
        continue;
      }
      this.dependencies.add(unit);
      this.putText(dependencyKey(unit, "MODES").name, text);
    }
  }

  /** Refuses a name that means nothing. */
  refuse({ path, name }: PayloadPlace, known: readonly string[]): never {
    const nearest = nearestName(name, known);
    const what = path.endsWith(name) ? path : `${path}: ${name}`;
    throw new KnownError(
      "usage",
      `Cannot read the settings: ${JSON.stringify(what)} means nothing`,
      {
        hint: nearest === undefined
          ? `There are: ${known.join(", ") || "none"}.`
          : `Did you mean ${nearest}?`,
      },
    );
  }

  /** A dependency that is off is in no mode; one that was added, in both. */
  #modesOf(unit: string): readonly Mode[] {
    const { services, dependencies } = this.#settings;
    if (isDependency(unit)) {
      const stated = dependencies.find(({ id }) => id === unit)?.modes;
      return stated ?? (this.dependencies.has(unit) ? MODES : []);
    }
    return services.find(({ slug }) => slug === unit)?.modes ?? MODES;
  }
}

function textOf(path: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  const isList = Array.isArray(value) &&
    value.every((word) => typeof word === "string");
  if (isList) return value.length === 0 ? "none" : value.join(",");
  throw wrong(path, "it must be a text, a number, true, false or a list");
}

/** The error of a value of the wrong kind. */
export function wrong(path: string, reason: string): KnownError {
  const what = path === "" ? "standard input" : JSON.stringify(path);
  return new KnownError("usage", `Cannot use ${what}: ${reason}`, {
    hint: "Nothing was written. See: reeve config --help",
  });
}
