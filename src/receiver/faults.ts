/**
 * Which faults the receiver has at the moment, and how often still.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type FaultKind, type FaultName, FAULTS } from "./fault_names.ts";

/** One fault. */
export interface Fault {
  /** What goes wrong. */
  readonly name: FaultName;
  /** The word behind `=`, or what it stands for when it is left out. */
  readonly value: string;
  /** The value as a number; 0 for a word. */
  readonly amount: number;
  /** For how many requests; without it for all. */
  readonly count: number | undefined;
}

/** The faults of one receiver; they may change while it serves. */
export interface Faults {
  /** Replaces all faults; none ends them. */
  readonly set: (...specs: readonly string[]) => void;
  /** Adds a fault to the others. */
  readonly add: (spec: string) => void;
  /** Looks for a fault without counting it. */
  readonly find: (name: FaultName) => Fault | undefined;
  /** Looks for a fault and counts one request. */
  readonly take: (name: FaultName) => Fault | undefined;
}

const SPEC = /^([a-z-]+)(?:=([^:]*))?(?::(\d+))?$/;

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/**
 * Parses `name[=value][:count]`.
 *
 * @throws {KnownError} `usage` for a name or value that is none.
 */
export function parseFault(spec: string): Fault {
  const [, name = "", stated, count] = SPEC.exec(spec) ?? [];
  if (!isFaultName(name)) throw unknownFault(spec, name || spec);
  const kind: FaultKind = FAULTS[name];
  if (kind.value === "none" && stated !== undefined) {
    throw badFault(spec, `${name} takes no value`);
  }
  const value = stated || (kind.standard ?? "");
  if (kind.value !== "none" && kind.standard === undefined && value === "") {
    throw badFault(spec, `write ${name}=${kind.value.toUpperCase()}`);
  }
  if (kind.value === "number" && !/^-?\d{1,9}$/.test(value)) {
    throw badFault(spec, `${value} is no whole number`);
  }
  if (count === "0") throw badFault(spec, "a count starts at 1");
  return {
    name,
    value,
    amount: kind.value === "number" ? Number(value) : 0,
    count: count === undefined ? undefined : Number(count),
  };
}

function badFault(spec: string, why: string): KnownError {
  return new KnownError("usage", `Cannot use the fault ${spec}: ${why}`, {
    hint: "A fault is name[=value][:count], such as throttle=3:2.",
  });
}

function unknownFault(spec: string, name: string): KnownError {
  const names = Object.keys(FAULTS);
  const [nearest = ""] = names.toSorted((a, b) =>
    distance(name, a) - distance(name, b)
  );
  const meant = distance(name.replace(/[=:].*$/, ""), nearest) <= 3
    ? `Did you mean ${nearest}? `
    : "";
  return new KnownError("usage", `Cannot find the fault ${spec}`, {
    hint: `${meant}Known: ${names.join(", ")}`,
  });
}

/** How many letters to add, drop or change between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1];
    for (const [to, other] of [...b].entries()) {
      const change = (row[to] ?? 0) + (letter === other ? 0 : 1);
      const step = Math.min(row[to + 1] ?? 0, next[to] ?? 0) + 1;
      next.push(Math.min(change, step));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Makes the faults of one receiver. */
export function createFaults(specs: readonly string[] = []): Faults {
  const active = new Map<FaultName, Fault>();
  const add = (spec: string) => {
    const fault = parseFault(spec);
    active.set(fault.name, fault);
  };
  specs.forEach(add);
  return {
    add,
    set(...specs) {
      const parsed = specs.map(parseFault);
      active.clear();
      for (const fault of parsed) active.set(fault.name, fault);
    },
    find: (name) => active.get(name),
    take(name) {
      const fault = active.get(name);
      if (fault?.count === undefined) return fault;
      if (fault.count <= 1) active.delete(name);
      else active.set(name, { ...fault, count: fault.count - 1 });
      return fault;
    },
  };
}
