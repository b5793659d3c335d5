/**
 * The pages of sign-in: consent in the browser, and the code of a device.
 *
 * @module
 */

import type { Desk, Exchange } from "./desk.ts";
import { readForm } from "./form.ts";
import {
  type AuthorizeRequest,
  CODE_SECONDS,
  type Consent,
  CONSENT_SECONDS,
  type Grants,
  tidyUserCode,
} from "./grants.ts";
import { formatPage, pageHeaders } from "./markup.ts";
import { codePage, consentPage, messagePage, type Page } from "./pages.ts";

/** The client that may sign in here. */
export const CLIENT_ID = "reeve_cli";

const CALLBACK = /^http:\/\/127\.0\.0\.1:\d{1,5}\/callback$/;
const CHALLENGE = /^[\w-]{43}$/;

/** Sends a page. */
export function show(
  desk: Desk,
  page: Page,
  status = 200,
): Response {
  const nonce = desk.host.random.hex(16);
  return new Response(formatPage(page.title, page.body, nonce), {
    status,
    headers: pageHeaders(nonce),
  });
}

/** Asks a person whether a command may act for them. */
export function askInBrowser(
  desk: Desk,
  grants: Grants,
  c: Exchange,
): Response {
  const query = c.req.query();
  const { redirect_uri: redirectUri = "", state = "" } = query;
  // Whoever is at a wrong address must not be sent there.
  if (query["client_id"] !== CLIENT_ID || !CALLBACK.test(redirectUri)) {
    const text = "The link that led here is not from Reeve.";
    return show(desk, messagePage("Cannot sign in", text), 400);
  }
  const { code_challenge: challenge = "" } = query;
  const isComplete = query["response_type"] === "code" && state !== "" &&
    query["code_challenge_method"] === "S256" && CHALLENGE.test(challenge);
  if (!isComplete) {
    return leadBack({ redirectUri, state }, { error: "invalid_request" });
  }
  const request = { redirectUri, state, challenge };
  return askConsent(desk, grants, { kind: "browser", request });
}

function askConsent(
  desk: Desk,
  grants: Grants,
  consent: Consent,
  problem?: string,
): Response {
  const { user, password } = desk.settings;
  const page = consentPage({
    user,
    hasPassword: password !== undefined,
    action: consent.kind === "browser" ? "/oauth/authorize" : "/device",
    ticket: grants.consents.put(consent, CONSENT_SECONDS),
    ...consent.kind === "device" && { userCode: consent.device.userCode },
    ...problem !== undefined && { problem },
  });
  return show(desk, page, problem === undefined ? 200 : 403);
}

/** Takes what a person decided on either page. */
export async function takeDecision(
  desk: Desk,
  grants: Grants,
  c: Exchange,
): Promise<Response> {
  const form = await readForm(c.req.raw);
  const consent = grants.consents.take(form?.get("ticket") ?? "");
  if (form === undefined || consent === undefined || consent === "expired") {
    const text = "This page was used already or is too old. Begin anew.";
    return show(desk, messagePage("Cannot sign in", text), 400);
  }
  const isApproved = form.get("decision") === "approve";
  const { password } = desk.settings;
  if (isApproved && password !== undefined) {
    if (form.get("password") !== password) {
      return askConsent(desk, grants, consent, "The password is wrong.");
    }
  }
  return consent.kind === "browser"
    ? decideBrowser(grants, consent.request, isApproved)
    : decideDevice(desk, consent, isApproved);
}

function decideBrowser(
  grants: Grants,
  request: AuthorizeRequest,
  isApproved: boolean,
): Response {
  if (!isApproved) return leadBack(request, { error: "access_denied" });
  return leadBack(request, { code: grants.codes.put(request, CODE_SECONDS) });
}

function decideDevice(
  desk: Desk,
  { device }: Consent & { readonly kind: "device" },
  isApproved: boolean,
): Response {
  device.decision = isApproved ? "approved" : "denied";
  const page = isApproved
    ? messagePage("Signed in", "You can close this page and go back.")
    : messagePage("Denied", "Nobody was signed in. You can close this page.");
  return show(desk, page);
}

function leadBack(
  { redirectUri, state }: Pick<AuthorizeRequest, "redirectUri" | "state">,
  answer: Readonly<Record<string, string>>,
): Response {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...answer, state })) {
    url.searchParams.set(name, value);
  }
  const headers = { location: url.href, "cache-control": "no-store" };
  return new Response(null, { status: 303, headers });
}

/** Asks for the code of a device, or for consent to the one that was typed. */
export function askForDevice(
  desk: Desk,
  grants: Grants,
  c: Exchange,
): Response {
  const typed = c.req.query("user_code");
  if (typed === undefined) return show(desk, codePage());
  const code = tidyUserCode(typed);
  const device = grants.devices.all().find((device) =>
    device.userCode === code && device.decision === "pending"
  );
  return device === undefined
    ? show(desk, codePage("No device waits for this code."), 404)
    : askConsent(desk, grants, { kind: "device", device });
}
