/**
 * Where the browser comes back to: a server on 127.0.0.1 that takes one answer
 * of the one sign-in that it was opened for.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { knownRefusal } from "./ask_server.ts";
import { callbackPage, type PageKind } from "./callback_page.ts";
import { equalsInConstantTime } from "./pkce.ts";

/** What the browser brings back. */
export type Arrival =
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "denied" }
  | { readonly kind: "failed"; readonly reason: string };

/** What a request to the callback is; a stray one ends nothing. */
export type CallbackReading =
  | Arrival
  | { readonly kind: "stray"; readonly page: "not_found" | "wrong_state" };

/** A callback that listens until it is disposed of. */
export interface Callback extends AsyncDisposable {
  /** Address that the server sends the browser to. */
  readonly redirectUri: string;
  /** Settles with the one answer. */
  readonly arrived: Promise<Arrival>;
  /** Says what became of it; the browser waits for that. */
  readonly show: (page: PageKind) => void;
}

const PATH = "/callback";

/** Reads a request to the callback. */
export function readCallback(
  method: string,
  address: string,
  state: string,
): CallbackReading {
  const url = URL.parse(address);
  if (method !== "GET" || url?.pathname !== PATH) {
    return { kind: "stray", page: "not_found" };
  }
  const only = (name: string) => {
    const [first, ...more] = url.searchParams.getAll(name);
    return more.length === 0 ? first ?? "" : "";
  };
  if (!equalsInConstantTime(only("state"), state)) {
    return { kind: "stray", page: "wrong_state" };
  }
  const error = only("error");
  if (error === "access_denied") return { kind: "denied" };
  if (error !== "") {
    const reason = knownRefusal(error) ?? "an error that Reeve does not know";
    return { kind: "failed", reason };
  }
  const code = only("code");
  if (code === "") return { kind: "stray", page: "not_found" };
  return { kind: "code", code };
}

/** Opens the callback on a free port of 127.0.0.1. */
export async function openCallback(
  host: Pick<Host, "network">,
  state: string,
): Promise<Callback> {
  const arrived = Promise.withResolvers<Arrival>();
  const shown = Promise.withResolvers<PageKind>();
  let isTaken = false;
  const server = await host.network.serve(0, async ({ method, url }) => {
    const reading = readCallback(method, url, state);
    if (reading.kind === "stray") return callbackPage(reading.page);
    if (isTaken) return callbackPage("over");
    isTaken = true;
    arrived.resolve(reading);
    return callbackPage(await shown.promise);
  });
  return {
    redirectUri: `http://127.0.0.1:${server.port}${PATH}`,
    arrived: arrived.promise,
    show: shown.resolve,
    async [Symbol.asyncDispose]() {
      shown.resolve("failed");
      await server.stop();
    },
  };
}
