/**
 * What the browser shows when it comes back from the server.
 *
 * @module
 */

/** What the page is about. */
export type PageKind =
  | "denied"
  | "failed"
  | "not_found"
  | "over"
  | "signed_in"
  | "wrong_state";

interface Page {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

const PAGES: Readonly<Record<PageKind, Page>> = {
  "signed_in": {
    status: 200,
    title: "Signed in",
    text: "You can close this window and go back to the terminal.",
  },
  denied: {
    status: 200,
    title: "Not signed in",
    text: "The sign-in was denied. You can close this window.",
  },
  failed: {
    status: 200,
    title: "Not signed in",
    text: "The sign-in failed; the terminal says why. " +
      "You can close this window.",
  },
  over: {
    status: 410,
    title: "Over",
    text: "This sign-in is over. You can close this window.",
  },
  "wrong_state": {
    status: 400,
    title: "Not this one",
    text: "This address belongs to another sign-in. " +
      "You can close this window.",
  },
  "not_found": {
    status: 404,
    title: "Nothing here",
    text: "There is nothing to see here. You can close this window.",
  },
};

/** Builds a page; nothing of the request is in it. */
export function callbackPage(kind: PageKind): Response {
  const { status, title, text } = PAGES[kind];
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · Reeve</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 20vh auto; }
body { max-width: 32rem; padding: 0 1rem; color-scheme: light dark; }
</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;
  return new Response(html, {
    status,
    headers: {
      "cache-control": "no-store",
      "connection": "close",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "content-type": "text/html; charset=utf-8",
      // The address of this page holds the code.
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}
