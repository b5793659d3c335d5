/**
 * Sign-ins that have begun: consent that is asked for, codes that wait to be
 * used, devices that wait for a person. They live for minutes, in memory.
 *
 * @module
 */

import type { Clock, Random } from "../host/host.ts";
import { hashText } from "./hash_text.ts";

/** How long a person may think, in seconds. */
export const CONSENT_SECONDS = 600;
/** How long a code is good for, in seconds. */
export const CODE_SECONDS = 60;

/** Letters of a user code: none that form words or look alike. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const CODE_LETTERS = 8;

/** What a command asks for in the browser. */
export interface AuthorizeRequest {
  /** Where the answer goes. */
  readonly redirectUri: string;
  /** What the command knows its request by. */
  readonly state: string;
  /** Hash of the secret that the command keeps. */
  readonly challenge: string;
}

/** A device that waits. */
export interface DeviceGrant {
  /** What the person types. */
  readonly userCode: string;
  /** What the person decided. */
  decision: "pending" | "approved" | "denied";
  /** When it asked last, in epoch milliseconds. */
  polledAt: number;
  /** How long it must wait before it asks again. */
  pauseMs: number;
}

/** What a consent page is about. */
export type Consent =
  | { readonly kind: "browser"; readonly request: AuthorizeRequest }
  | { readonly kind: "device"; readonly device: DeviceGrant };

/** Secrets by their hash, each until it ends or is taken. */
export interface Shelf<T> {
  /** Puts something there and gives the secret that finds it. */
  readonly put: (value: T, seconds: number) => string;
  /** Looks at what a secret finds. */
  readonly find: (secret: string) => T | undefined | "expired";
  /** Takes what a secret finds, so that it finds nothing any more. */
  readonly take: (secret: string) => T | undefined | "expired";
  /** Everything that has not ended. */
  readonly all: () => readonly T[];
}

/** Makes an empty shelf. */
export function createShelf<T>(
  host: { readonly clock: Clock; readonly random: Random },
): Shelf<T> {
  const kept = new Map<
    string,
    { readonly value: T; readonly endsAt: number }
  >();
  const isOver = (endsAt: number) => endsAt <= host.clock.now();
  const find = (secret: string) => {
    const entry = kept.get(hashText(secret));
    if (entry === undefined) return undefined;
    return isOver(entry.endsAt) ? "expired" as const : entry.value;
  };
  const forget = () => {
    // What has ended is told apart for a while from what never was.
    const before = host.clock.now() - CONSENT_SECONDS * 1000;
    for (const [hash, { endsAt }] of kept) {
      if (endsAt <= before) kept.delete(hash);
    }
  };
  return {
    find,
    put(value, seconds) {
      forget();
      const secret = host.random.hex(32);
      const endsAt = host.clock.now() + seconds * 1000;
      kept.set(hashText(secret), { value, endsAt });
      return secret;
    },
    take(secret) {
      const value = find(secret);
      kept.delete(hashText(secret));
      return value;
    },
    all: () =>
      [...kept.values()].filter(({ endsAt }) => !isOver(endsAt))
        .map(({ value }) => value),
  };
}

/** Everything that has begun. */
export interface Grants {
  /** Consent that is asked for. */
  readonly consents: Shelf<Consent>;
  /** Codes that wait to be used. */
  readonly codes: Shelf<AuthorizeRequest>;
  /** Devices that wait. */
  readonly devices: Shelf<DeviceGrant>;
}

/** Makes the grants of one receiver. */
export function createGrants(
  host: { readonly clock: Clock; readonly random: Random },
): Grants {
  return {
    consents: createShelf(host),
    codes: createShelf(host),
    devices: createShelf(host),
  };
}

/** Makes a code that a person can type. */
export function makeUserCode(random: Random): string {
  let code = "";
  while (code.length < CODE_LETTERS) {
    const byte = parseInt(random.hex(1), 16);
    // Above that, the first letters would come more often.
    if (byte < 240) code += LETTERS[byte % LETTERS.length];
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** A code as it is written, however a person typed it. */
export function tidyUserCode(typed: string): string {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z]/g, "");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
