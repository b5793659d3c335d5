import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isSlug, slugOf } from "./slug.ts";

Deno.test.each([
  { names: ["My App"], is: "my-app" },
  { names: ["snake_case.js"], is: "snake-case-js" },
  { names: ["--a--b--"], is: "a-b" },
  { names: ["Café Zürich"], is: "cafe-zurich" },
  { names: [undefined, "b"], is: "b" },
  { names: ["项目", "b"], is: "b" },
  { names: ["项目", ""], is: "project" },
  { names: [`${"a".repeat(63)}-b`], is: "a".repeat(63) },
])("slugOf() of $names is $is", ({ names, is }) => {
  assertEquals(slugOf(...names), is);
});

Deno.test("slugOf() always gives a slug", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => {
    assert(isSlug(slugOf(name)));
  }));
});

Deno.test.each([
  { text: "a", is: true },
  { text: "a-1-b", is: true },
  { text: "A", is: false },
  { text: "-a", is: false },
  { text: "a-", is: false },
  { text: "a--b", is: false },
  { text: "a b", is: false },
  { text: "", is: false },
  { text: "a".repeat(65), is: false },
])("isSlug() of '$text' is $is", ({ text, is }) => {
  assertEquals(isSlug(text), is);
});
