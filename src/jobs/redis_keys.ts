/**
 * Names of the keys in Redis. The tenant stands in braces, so that a cluster
 * keeps all of its keys on one server and an access list can name them all.
 *
 * @module
 */

/** The layout of the keys that this version reads and writes. */
export const LAYOUT = "1";

/** Keys of one tenant. */
export interface TenantKeys {
  /** What all begin with, without the colon. */
  readonly prefix: string;
  /** The number of the layout. */
  readonly layout: string;
  /** Set of the names of all queues. */
  readonly queues: string;
  /** Where the jobs have moved to. */
  readonly moved: string;
  /** Stream that grows by one with each new queue. */
  readonly news: string;
  /** Written and deleted by a look at the server. */
  readonly probe: string;
}

/** Names the keys of a tenant; no queue can have a name that is used here. */
export function tenantKeys(tenant: string): TenantKeys {
  const prefix = `reeve:{${tenant}}`;
  return {
    prefix,
    layout: `${prefix}::layout`,
    queues: `${prefix}::queues`,
    moved: `${prefix}::moved`,
    news: `${prefix}::news`,
    probe: `${prefix}::probe`,
  };
}
