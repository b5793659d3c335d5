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
  /** Whether somebody has written settings down: what was found is none. */
  readonly hasSettings: boolean;
  /** Services that were found and that nobody has written down. */
  readonly found: readonly string[];
  /** Whether a person can be asked. */
  readonly isTerminal: boolean;
}

/** What happens before a command. */
export type Gate = RouteError | { readonly kind: "ask" | "go" };

/**
 * The one rule: a command goes on unless it needs settings and there are none;
 * then a person is asked for them, and a program gets an error. A command line
 * that was only found is never run before somebody has seen it.
 */
export function gateFor(
  route: Pick<Route, "command" | "headless">,
  facts: GateFacts,
): Gate {
  if (facts.hasSettings) return { kind: "go" };
  if (!commandRow(route.command).needsSettings) return { kind: "go" };
  if (facts.isTerminal && !route.headless) return { kind: "ask" };
  const message =
    `${route.command} needs settings, and the repository has none`;
  return facts.found.length === 0
    ? routeError(
      "no_settings",
      message,
      "At a terminal: reeve config. Elsewhere: reeve config KEY=VALUE",
    )
    : routeError(
      "no_settings",
      `${message}; found, but not written down: ${facts.found.join(", ")}`,
      "Write down what was found: reeve config init. At a terminal there " +
        "are questions: reeve config",
    );
}
