/**
 * Puts modules together that are always loaded together, and small ones to
 * those without which they are never loaded.
 *
 * The bundler gives each set of entries that share code a chunk of its own, and
 * takes every `import()` for an entry that may come first. But none does: the
 * first module is always there, then the one that runs lines, then a command.
 * What is certainly there when an entry is loaded does not count for it, which
 * leaves half as many chunks to read.
 *
 * @module
 */

type Names = readonly (readonly [name: string, as: string])[];
type Sets = ReadonlyMap<string, ReadonlySet<string>>;

const FROM = /^import (?:\{([^}]*)\} from )?"\.\/([\w.-]+\.js)";$/gm;
const LATE = /\bimport\("\.\/([\w.-]+\.js)"\)/g;
const EXPORT = /^export \{([^}]*)\};$/gm;

function namesIn(list: string): Names {
  return list.split(",").map((one) => one.trim()).filter((one) => one !== "")
    .map((one) => {
      const [name = "", as = name] = one.split(" as ");
      return [name, as] as const;
    });
}

function importsOf(code = ""): readonly string[] {
  return [...code.matchAll(FROM)].map(([, , file = ""]) => file);
}

function lateOf(code = ""): readonly string[] {
  return [...code.matchAll(LATE)].map(([, file = ""]) => file);
}

/** A module and all that it imports, in the order in which they run. */
function closureOf(
  modules: ReadonlyMap<string, string>,
  entry: string,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const order = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const next of importsOf(modules.get(name))) visit(next);
    order.add(name);
  };
  visit(entry);
  return order;
}

/** What is certainly there before each entry is loaded. */
function thereBefore(
  modules: ReadonlyMap<string, string>,
  closures: Sets,
  first: string,
): Sets {
  const all: ReadonlySet<string> = new Set(modules.keys());
  const none: ReadonlySet<string> = new Set();
  let there: Sets = new Map(
    [...closures.keys()].map((entry) => [entry, entry === first ? none : all]),
  );
  for (;;) {
    const next = new Map([[first, none]]);
    for (const [entry, closure] of closures) {
      const now = closure.union(there.get(entry) ?? none);
      for (
        const late of [...closure].flatMap((name) => lateOf(modules.get(name)))
      ) {
        if (late === first) continue;
        next.set(late, next.get(late)?.intersection(now) ?? now);
      }
    }
    const isSame = [...next].every(([entry, { size }]) =>
      size === there.get(entry)?.size
    );
    if (isSame) return next;
    there = next;
  }
}

/**
 * For each module that is no entry: its group. Groups never need each other:
 * what loads a module also loads what that one imports, and what is there for
 * one of a group is there for all of it.
 */
function groupsOf(
  modules: ReadonlyMap<string, string>,
  first: string,
): ReadonlyMap<string, string> {
  const entries = new Set([first, ...[...modules.values()].flatMap(lateOf)]);
  const closures = new Map(
    [...entries].map((entry) => [entry, closureOf(modules, entry)]),
  );
  const there = thereBefore(modules, closures, first);
  const isThere = (name: string, entry: string) =>
    closures.get(entry)?.has(name) === true ||
    there.get(entry)?.has(name) === true;
  const groups = new Map<string, Group>();
  for (const [name, { length: size }] of modules) {
    if (entries.has(name)) continue;
    const wanted = [...entries].filter((entry) => isThere(name, entry));
    const key = wanted.join(" ");
    const group = groups.get(key) ??
      { wanted: new Set(wanted), members: [], size: 0 };
    group.members.push(name);
    group.size += size;
    groups.set(key, group);
  }
  absorb(
    groups,
    ({ members }, { wanted }) =>
      members.flatMap((name) => importsOf(modules.get(name)))
        .every((name) => [...wanted].every((entry) => isThere(name, entry))),
  );
  return new Map(
    [...groups].flatMap(([key, { members }]) =>
      members.map((name) => [name, key] as const)
    ),
  );
}

/** Modules that are there for the same entries. */
interface Group {
  /** Entries that cannot run without them. */
  readonly wanted: ReadonlySet<string>;
  readonly members: string[];
  /** Characters of their code. */
  size: number;
}

/**
 * What reading one more file costs, in characters of code that is not
 * minified: 0.1 ms, which loading 4 KB takes too.
 */
const FILE_COST = 4000;

/**
 * Gives small groups to others that are there whenever they are wanted, as long
 * as it is cheaper to read them in vain now and then than to read one more
 * file. What a group imports has to be there wherever it is loaded from then on.
 */
function absorb(
  groups: Map<string, Group>,
  mayJoin: (group: Group, into: Group) => boolean,
): void {
  for (;;) {
    let best: readonly [gain: number, key: string, into: Group] | undefined;
    for (const [key, group] of groups) {
      for (const into of groups.values()) {
        const { size, wanted } = group;
        if (group === into || !wanted.isSubsetOf(into.wanted)) continue;
        const inVain = into.wanted.size - wanted.size;
        const gain = FILE_COST * wanted.size - size * inVain;
        if (gain <= (best?.[0] ?? 0) || !mayJoin(group, into)) continue;
        best = [gain, key, into];
      }
    }
    if (best === undefined) return;
    const [, key, into] = best;
    const group = groups.get(key);
    into.members.push(...group?.members ?? []);
    into.size += group?.size ?? 0;
    groups.delete(key);
  }
}

/** The name of an export of a module among those of its group. */
function sharedName(file: string, name: string): string {
  return `${file.replaceAll(/\W/g, "_")}__${name}`;
}

/**
 * The same modules with one more for each group, through which everybody else
 * imports: so the bundler sees the same entries for all of the group.
 *
 * @param modules Code by file name as the bundler writes it, not minified.
 * @param first Name of the module that is run.
 */
export function joinGroups(
  modules: ReadonlyMap<string, string>,
  first: string,
): ReadonlyMap<string, string> {
  const keys = groupsOf(modules, first);
  const files = new Map(
    [...new Set(keys.values())].map((key, at) => [key, `group-${at}.js`]),
  );
  const fileOf = (name: string) => files.get(keys.get(name) ?? "none");
  const result = new Map<string, string>();
  for (const [name, code] of modules) {
    const change = (line: string, list: string | undefined, file: string) => {
      const group = fileOf(file);
      if (group === undefined || group === fileOf(name)) return line;
      if (list === undefined) return `import "./${group}";`;
      const names = namesIn(list).map(([from, as]) =>
        `${sharedName(file, from)} as ${as}`
      );
      return `import { ${names.join(", ")} } from "./${group}";`;
    };
    result.set(name, code.replaceAll(FROM, change));
  }
  const order = [first, ...modules.keys()]
    .flatMap((name) => [...closureOf(modules, name)]);
  for (const [key, file] of files) {
    const own = [...new Set(order)].filter((name) => keys.get(name) === key);
    const lines = own.map((name) => {
      const exported = [...(modules.get(name) ?? "").matchAll(EXPORT)]
        .flatMap(([, list = ""]) => namesIn(list))
        .map(([, as]) => `${as} as ${sharedName(name, as)}`);
      return `export { ${exported.join(", ")} } from "./${name}";\n`;
    });
    result.set(file, lines.join(""));
  }
  return result;
}
