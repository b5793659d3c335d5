import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { escapeHtml, formatPage, markup, pageHeaders } from "./markup.ts";

Deno.test.each([
  { text: "a<b>&\"'", is: "a&lt;b&gt;&amp;&quot;&#39;" },
  { text: "&amp;", is: "&amp;amp;" },
  { text: "grün", is: "grün" },
])("escapeHtml() gives $is", ({ text, is }) => {
  assertEquals(escapeHtml(text), is);
});

Deno.test("markup() escapes text and takes markup as it is", () => {
  const inner = markup`<b>${"<"}</b>`;
  assertEquals(
    markup`<p title="${'"'}">${inner} ${"&"}</p>`.html,
    '<p title="&quot;"><b>&lt;</b> &amp;</p>',
  );
});

Deno.test("markup() lets no text end its attribute or begin a tag", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const { html } = markup`<a title="${text}">${text}</a>`;
    assertEquals(html.replaceAll(/[^<>"']/g, ""), '<"">' + "<>");
  }));
});

Deno.test("formatPage() escapes its title", () => {
  const page = formatPage("<x>", markup`<p>y</p>`, "abc");
  assert(page.includes("<h1>&lt;x&gt;</h1>"), page);
  assert(page.includes("<p>y</p>"));
  for (const line of page.split("\n")) assert(line.length <= 80, line);
});

Deno.test("pageHeaders() allow nothing but our own style and form", () => {
  const policy = pageHeaders("abc")["content-security-policy"] ?? "";
  assertEquals(policy.split("; "), [
    "default-src 'none'",
    "style-src 'nonce-abc'",
    "form-action 'self' http://127.0.0.1:*",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]);
});
