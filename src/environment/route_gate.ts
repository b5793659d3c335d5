/**
 * Whether a command may begin without settings of the repository.
 *
 * @module
 */

import type { Route, RouteError } from "./route_types.ts";
import { routeError } from "./route_types.ts";
import { commandRow } from "./route_table.ts";

/** What the place of a command is like. */
export interface GateFacts {
  /** Whether the repository has settings. */
  readonly hasSettings: boolean;
  /** Whether a person can be asked. */
  readonly isTerminal: boolean;
}

/** What happens before a command. */
export type Gate = RouteError | { readonly kind: "ask" | "go" };

/**
 * The one rule: a command goes on unless it needs settings and there are none;
 * then a person is asked for them, and a program gets an error.
 */
export function gateFor(
  route: Pick<Route, "command" | "headless">,
  facts: GateFacts,
): Gate {
  if (facts.hasSettings) return { kind: "go" };
  if (!commandRow(route.command).needsSettings) return { kind: "go" };
  if (facts.isTerminal && !route.headless) return { kind: "ask" };
  return routeError(
    "no_settings",
    `${route.command} needs settings, and the repository has none`,
    "At a terminal: reeve config. Elsewhere: reeve config KEY=VALUE, or " +
      "reeve config init",
  );
}
