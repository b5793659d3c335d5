/**
 * The ways in which `reeve auth login` gets its tokens.
 *
 * @module
 */

import { signInWithDevice } from "../../auth/device.ts";
import { isToken } from "../../auth/env_token.ts";
import { type LoginResult, signInWithBrowser } from "../../auth/login.ts";
import type { SignInMethod } from "../../auth/session.ts";
import { KnownError } from "../../errors.ts";
import { type Host, HostError } from "../../host/host.ts";

/** How to sign in, and where. */
export interface Attempt {
  /** The way. */
  readonly method: SignInMethod;
  /** Base URL of the server. */
  readonly server: string;
  /** Whether to start a browser. */
  readonly opensBrowser: boolean;
  /** Ends it: the person gave up. */
  readonly signal: AbortSignal;
}

/** Gets tokens; what the person must do goes to standard error. */
export async function attemptLogin(
  host: Host,
  attempt: Attempt,
): Promise<LoginResult> {
  switch (attempt.method) {
    case "browser":
      return await useBrowser(host, attempt);
    case "device":
      return await useDevice(host, attempt);
    case "token":
      return await takeToken(host, attempt.signal);
  }
}

async function useBrowser(host: Host, attempt: Attempt): Promise<LoginResult> {
  const say = (text: string) => host.terminal.err(`${text}\n`);
  return await signInWithBrowser(host, {
    ...attempt,
    onAddress: (url) =>
      say(
        `Open this address in a browser to sign in:\n\n  ${url}\n\n` +
          "Waiting for you, up to 5 minutes. Without a browser: " +
          "reeve auth login --device",
      ),
    onNoBrowser: () =>
      say("No browser could be started here: open the address yourself."),
  });
}

async function useDevice(host: Host, attempt: Attempt): Promise<LoginResult> {
  return await signInWithDevice(host, {
    ...attempt,
    onCode: ({ userCode, address, completeAddress }) => {
      const direct = completeAddress === undefined
        ? ""
        : `\nor open this address, which has the code in it:\n\n` +
          `  ${completeAddress}\n`;
      host.terminal.err(
        `Open this address on any device and type the code:\n\n` +
          `  ${address}\n  ${userCode}\n${direct}\nWaiting for you.\n`,
      );
    },
  });
}

async function takeToken(
  host: Pick<Host, "terminal">,
  signal: AbortSignal,
): Promise<LoginResult> {
  if (host.terminal.isInteractive) {
    host.terminal.err("Paste the token, then press Enter and Ctrl-D.\n");
  }
  const interrupted = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined), { once: true })
  );
  const input = await Promise.race([readInput(host), interrupted]);
  if (input === undefined || signal.aborted) return { kind: "interrupted" };
  const accessToken = input.trim();
  if (!isToken(accessToken)) {
    throw new KnownError(
      "usage",
      "Cannot use what standard input holds: it is no token",
      { hint: "It must be one line of visible ASCII, at most 8192 letters." },
    );
  }
  return {
    kind: "tokens",
    tokens: {
      accessToken,
      accessExpiresAt: undefined,
      refreshToken: undefined,
      refreshExpiresAt: undefined,
      sessionId: undefined,
    },
  };
}

async function readInput({ terminal }: Pick<Host, "terminal">) {
  try {
    return await terminal.readInput();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    // Whatever is too large is no token either.
    return "";
  }
}
