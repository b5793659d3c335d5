import { assert, assertEquals } from "@std/assert";
import { codePage, consentPage, messagePage, rootPage } from "./pages.ts";

const EVIL = `"><script>alert('x')</script>`;

const plain = {
  user: "ada",
  hasPassword: false,
  action: "/device",
  ticket: "0abc",
};

Deno.test("no page lets a text become markup", () => {
  const pages = [
    consentPage({
      user: EVIL,
      hasPassword: true,
      action: EVIL,
      ticket: EVIL,
      userCode: EVIL,
      problem: EVIL,
    }),
    codePage(EVIL),
    messagePage(EVIL, EVIL),
    rootPage(EVIL, 1),
  ];
  for (const { body } of pages) {
    assert(!body.html.includes("<script"), body.html);
    assert(body.html.includes("&lt;script"), body.html);
  }
});

Deno.test("no line of a page is wider than a terminal", () => {
  const pages = [consentPage(plain), codePage(), rootPage("ada", 7)];
  for (const { body } of pages) {
    for (const line of body.html.split("\n")) assert(line.length <= 80, line);
  }
});

Deno.test.each([
  { change: {}, asks: false },
  { change: { hasPassword: true }, asks: true },
])("consentPage() with $change asks for a password: $asks", (row) => {
  const { body } = consentPage({ ...plain, ...row.change });
  assertEquals(body.html.includes('type="password"'), row.asks);
});

Deno.test("consentPage() shows the code of a device", () => {
  const { body } = consentPage({ ...plain, userCode: "BCDF-GHJK" });
  assert(body.html.includes("<code>BCDF-GHJK</code>"));
  assert(body.html.includes("reference server"));
});
