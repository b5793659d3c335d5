/**
 * Checks stored events against the registry: what a server would refuse is
 * known without asking it.
 *
 * @module
 */

import type { Registry } from "./registry.ts";
import { findProblem, type Problem } from "./validate.ts";

/**
 * What is wrong with a stored envelope, if anything; types that this program
 * does not know are somebody else's business.
 */
export function findInvalid(
  registry: Registry,
  body: string,
): Problem | undefined {
  const envelope = JSON.parse(body);
  const type = registry.get(envelope.event_type);
  if (type === undefined) return undefined;
  return findProblem(type, {
    aggregateId: envelope.aggregate_id,
    payload: envelope.payload,
    eventId: envelope.event_id,
    correlationId: envelope.correlation_id,
    timestamp: envelope.timestamp,
    ...(envelope.causation_id === null
      ? {}
      : { causationId: envelope.causation_id }),
  });
}

/** The same as a line of text. */
export function describeInvalid(
  registry: Registry,
  body: string,
): string | undefined {
  const problem = findInvalid(registry, body);
  return problem === undefined ? undefined : `${problem.field} ${problem.rule}`;
}
