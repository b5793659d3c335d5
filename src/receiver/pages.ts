/**
 * The pages that a person sees while signing in.
 *
 * @module
 */

import { type Markup, markup } from "./markup.ts";

/** A page: its heading and what is below it. */
export interface Page {
  /** Heading. */
  readonly title: string;
  /** What is below it. */
  readonly body: Markup;
}

/** What a page that asks for consent shows. */
export interface ConsentPage {
  /** Who would be signed in. */
  readonly user: string;
  /** Whether a password must be typed. */
  readonly hasPassword: boolean;
  /** Where the answer goes. */
  readonly action: string;
  /** Proves that the answer comes from this page. Secret. */
  readonly ticket: string;
  /** Code that the device shows, if there is one. */
  readonly userCode?: string;
  /** What was wrong with the last answer. */
  readonly problem?: string;
}

const NOTE = markup`<p class="note">This is the reference server for
development. It keeps nobody out: whoever reaches this page can sign in.</p>`;

const NOTHING: Markup = { html: "" };

/** Asks whether a command may act for the user. */
export function consentPage(page: ConsentPage): Page {
  const { user, action, ticket, userCode, problem } = page;
  const code = userCode === undefined ? NOTHING : markup`
<p>It must show the code <code>${userCode}</code>. Deny if it does not.</p>`;
  const password = page.hasPassword
    ? markup`
<label>Password <input type="password" name="password" autofocus></label>`
    : NOTHING;
  const complaint = problem === undefined
    ? NOTHING
    : markup`<p role="alert"><strong>${problem}</strong></p>`;
  return {
    title: `Sign in as ${user}?`,
    body: markup`<p>Reeve on this machine asks to send events for ${user}.</p>
${code}${complaint}
<form method="post" action="${action}">
<input type="hidden" name="ticket" value="${ticket}">${password}
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</form>
${NOTE}`,
  };
}

/** Asks for the code that a device shows. */
export function codePage(problem?: string): Page {
  const complaint = problem === undefined
    ? NOTHING
    : markup`<p role="alert"><strong>${problem}</strong></p>`;
  return {
    title: "Connect a device",
    body: markup`<p>Type the code that Reeve shows.</p>
${complaint}
<form method="get" action="/device">
<label>Code <input name="user_code" placeholder="BCDF-GHJK" required autofocus
autocomplete="off" autocapitalize="characters" spellcheck="false"></label>
<button>Continue</button>
</form>
${NOTE}`,
  };
}

/** Says one thing. */
export function messagePage(title: string, text: string): Page {
  return { title, body: markup`<p>${text}</p>` };
}

/** What is at the root. */
export function rootPage(user: string, events: number): Page {
  return {
    title: "Reeve server",
    body: markup`<p>It takes events for ${user} and has ${String(events)}.</p>
<p><a href="/device">Connect a device</a></p>
${NOTE}`,
  };
}
