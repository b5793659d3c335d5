/**
 * Names by which code reaches the world around it.
 *
 * @module
 */

import { type Identifier, isSame, memberPath } from "./syntax.ts";

/** Global names and members that reach the world, and what replaces each. */
export const EFFECTS: ReadonlyMap<string, string> = new Map([
  ["Deno", "host"],
  ["process", "host"],
  ["navigator", "host.env"],
  ["localStorage", "host.files"],
  ["sessionStorage", "host.files"],
  ["fetch", "host.network"],
  ["WebSocket", "host.network"],
  ["Worker", "host.processes"],
  ["alert", "host.terminal"],
  ["confirm", "host.terminal"],
  ["prompt", "host.terminal"],
  ["setTimeout", "host.clock"],
  ["setInterval", "host.clock"],
  ["setImmediate", "host.clock"],
  ["clearTimeout", "host.clock"],
  ["clearInterval", "host.clock"],
  ["clearImmediate", "host.clock"],
  ["performance", "host.clock"],
  ["AbortSignal.timeout", "host.clock"],
  ["Date.now", "host.clock"],
  ["Date()", "host.clock"],
  ["new Date()", "host.clock"],
  ["Temporal.Now", "host.clock"],
  ["Math.random", "host.random"],
  ["crypto.randomUUID", "host.random"],
  ["crypto.getRandomValues", "host.random"],
]);

/** The effect that an identifier stands for, if any. */
export function effectOf(node: Identifier): string | undefined {
  const { names, end } = memberPath(node);
  const [first = "", second] = names;
  if (EFFECTS.has(first)) return first;
  const member = `${first}.${second}`;
  if (EFFECTS.has(member)) return member;
  if (names.join() !== "Date") return undefined;
  const { parent } = end;
  if (parent.type === "CallExpression" && isSame(parent.callee, end)) {
    return "Date()";
  }
  if (parent.type !== "NewExpression" || !isSame(parent.callee, end)) {
    return undefined;
  }
  // With arguments it only converts what it is given.
  return parent.arguments.length === 0 ? "new Date()" : undefined;
}
