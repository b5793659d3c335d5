/**
 * HTML from a template in which every value is escaped, and the frame of every
 * page: nothing from elsewhere, no script.
 *
 * @module
 */

/** HTML that is safe to send. */
export interface Markup {
  /** The text. */
  readonly html: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem;
  max-width: 34rem; overflow-wrap: break-word; }
h1 { font-size: 1.4rem; }
code { font-size: 1.1em; }
label, input { display: block; }
input { box-sizing: border-box; font: inherit; padding: .5rem; width: 100%; }
button { font: inherit; margin: 1rem .5rem 0 0; padding: .6rem 1.4rem; }
.note { border-left: .25rem solid; padding-left: .75rem; }
`;

/** Makes text harmless in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");
}

/** A template tag: text is escaped, markup is taken as it is. */
export function markup(
  parts: TemplateStringsArray,
  ...values: readonly (string | Markup)[]
): Markup {
  const html = parts.map((part, at) => {
    const value = values[at] ?? "";
    return part + (typeof value === "string" ? escapeHtml(value) : value.html);
  });
  return { html: html.join("") };
}

/** A whole page. */
export function formatPage(title: string, body: Markup, nonce: string): string {
  const style: Markup = { html: STYLE };
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Reeve</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`.html;
}

/** The headers of a page, which may send its form only to us and loopback. */
export function pageHeaders(nonce: string): Readonly<Record<string, string>> {
  const rules = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    // The answer to a form leads back to the command that waits on loopback.
    "form-action 'self' http://127.0.0.1:*",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": rules.join("; "),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}
