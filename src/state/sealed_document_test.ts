import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import * as z from "zod/mini";
import { isSealed, parseSealed, sealText } from "./sealed_document.ts";

const VALUE = { "schema_version": 1, "name": "ä", "list": [1, 2, 3] };
const TEXT = `${JSON.stringify(VALUE, null, 2)}\n`;

function form(onCheck = () => {}) {
  return {
    version: 1,
    decode: ({ name }: { readonly name: string }) => name,
    loadSchema: () => {
      onCheck();
      return Promise.resolve(
        z.object({ "schema_version": z.literal(1), "name": z.string() }),
      );
    },
  };
}

Deno.test("a sealed text is the same document", () => {
  const { _seal, ...rest } = JSON.parse(sealText(TEXT));
  assertEquals(rest, VALUE);
  assert(isSealed(sealText(TEXT)));
});

Deno.test("every change of a character breaks the seal", () => {
  const sealed = sealText(TEXT);
  fc.assert(fc.property(
    fc.nat(sealed.length - 1),
    fc.string({ minLength: 1, maxLength: 1 }),
    (at, other) => {
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      assertEquals(isSealed(changed), changed === sealed);
    },
  ));
});

Deno.test("every cut breaks the seal", () => {
  const sealed = sealText(TEXT);
  for (let length = 0; length < sealed.length; length++) {
    assert(!isSealed(sealed.slice(0, length)), `${length}`);
  }
});

Deno.test.each([
  { text: "sealed", given: sealText(TEXT), isChecked: false },
  { text: "plain", given: TEXT, isChecked: true },
  {
    text: "edited",
    given: sealText(TEXT).replace("ä", "ö"),
    isChecked: true,
  },
])("a $text document is checked: $isChecked", async ({ given, isChecked }) => {
  let isAsked = false;
  const read = await parseSealed(given, form(() => isAsked = true));
  assertEquals<string>(read.kind, "found");
  assertEquals(isAsked, isChecked);
});

Deno.test.each([
  ["of a later version", sealText(TEXT.replace("1,", "2,")), "too_new"],
  ["that is cut", sealText(TEXT).slice(0, -5), "damaged"],
  ["without a name", TEXT.replace("name", "game"), "damaged"],
  ["that is empty", "", "damaged"],
])("a document %s is refused", async (_, text, kind) => {
  assertEquals<string>((await parseSealed(text, form())).kind, kind);
});
