/**
 * Whose a container is, and what it is called.
 *
 * @module
 */

import type { ProvisionContext } from "./provisioner.ts";

/** What the names of all our labels start with. */
export const LABEL = "dev.reeve";

const MAX_WORD = 20;
const HASH_LETTERS = 8;

/** Labels that say whose a container is, without its token. */
export function ownerLabels(
  { scope, project, definition }: Pick<
    ProvisionContext,
    "definition" | "project" | "scope"
  >,
): Readonly<Record<string, string>> {
  return {
    [`${LABEL}.scope`]: scope,
    [`${LABEL}.project`]: project,
    [`${LABEL}.unit`]: definition.id,
  };
}

/**
 * The name that people see, and that of the volume with its data: different
 * for each two projects.
 */
export async function containerName(
  scope: string,
  project: string,
  unit: string,
): Promise<string> {
  const word = project.toLowerCase().replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "").slice(0, MAX_WORD);
  const bytes = new TextEncoder().encode(project);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const tail = hash.toHex().slice(0, HASH_LETTERS);
  return ["reeve", scope.replace(/^repo-/, ""), word, tail, unit]
    .filter((part) => part !== "").join("-");
}
