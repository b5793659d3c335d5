/**
 * Ports that two repositories claim from the ledger of one machine, for tests.
 *
 * @module
 */

import {
  type HandOver,
  type LedgerRequest,
  reservePorts,
} from "../../src/environment/port_ledger.ts";
import type { FakeHost } from "./fake_host.ts";

/** Whose ledger it is. */
export const ROOT = { root: "/home/ada/.reeve" };
/** A repository. */
export const A = "repo-aaaaaaaaaaaa";
/** Another one. */
export const B = "repo-bbbbbbbbbbbb";
/** A unit of the first one. */
export const API = { scope: A, project: "Main", unit: "api" };

const UNITS = [{ unit: "api", base: 8000 }, { unit: "web", base: 3000 }];

/** Asks for the ports of every unit of these projects. */
export function request(
  scope: string,
  projects: readonly string[] = ["Main"],
): LedgerRequest {
  const wishes = projects.flatMap((project) =>
    UNITS.map(({ unit }) => ({ project, unit }))
  );
  return { scope, projects, units: UNITS, wishes };
}

/** Reserves the ports of these projects, and tells them. */
export async function reserve(
  host: FakeHost,
  scope: string = A,
  projects: readonly string[] = ["Main"],
): Promise<number[]> {
  const plans = await reservePorts(host, ROOT, request(scope, projects));
  return plans.map(({ assigned }) => assigned);
}

/** What tells a process of the fake world from every other one. */
export function identityOf(
  host: FakeHost,
  pid: number,
): HandOver["identity"] {
  const startStamp = host.world.table.find(pid)?.startStamp ?? "";
  const { bootId, pidNamespace } = host.world.machine;
  return { pid, startStamp, bootId, pidNamespace };
}
