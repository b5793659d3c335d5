/**
 * Dependencies that somebody else runs: they are asked, each time anew, and
 * never started or ended.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { parseEndpoint } from "../dependency_endpoint.ts";
import { probeDependency, type ProbeHost } from "../dependency_probe.ts";
import type { DependencyDefinition } from "../dependency_registry.ts";
import { readSecrets } from "../dependency_secrets.ts";
import type {
  ProvisionContext,
  ProvisionedUnit,
  Provisioner,
} from "./provisioner.ts";

/** Provides what runs elsewhere. */
export function externalProvisioner(
  host: ProbeHost & Pick<Host, "env">,
  definition: DependencyDefinition,
): Provisioner {
  const probe = (unit: ProvisionedUnit, signal?: AbortSignal) =>
    probeDependency(host, definition, unit.endpoint, { signal });
  return {
    plan: (context) => Promise.resolve(planExternal(host, context)),
    start: ({ endpoint }) => Promise.resolve({ kind: "external", endpoint }),
    probe,
    isAlive: async (unit) => (await probe(unit)).kind === "ready",
    // It is somebody else's: leaving it alone is all there is to do.
    stop: () => Promise.resolve({ kind: "confirmed" }),
  };
}

function planExternal(
  host: Pick<Host, "env">,
  { definition, choice }: ProvisionContext,
) {
  if (choice.url === undefined) {
    throw new KnownError(
      "usage",
      `${definition.displayName} is external, and its address is not set`,
      {
        hint: `Set REEVE_DEPENDENCY_${definition.id.toUpperCase()}_URL.`,
      },
    );
  }
  const endpoint = parseEndpoint(definition.id, choice.url);
  return {
    kind: "external" as const,
    endpoint: { ...endpoint, secrets: readSecrets(host, definition) },
  };
}
