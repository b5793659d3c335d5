import { assertEquals } from "@std/assert";
import { faultError, faultOfFile, placeOf } from "./fault.ts";

Deno.test("placeOf() leaves out a line that nobody knows", () => {
  assertEquals(placeOf("/f", 7), "/f line 7");
  assertEquals(placeOf("/f", undefined), "/f");
});

Deno.test.each(
  [
    { kind: "bad_value", code: "usage" },
    { kind: "too_new", code: "newer_file" },
    { kind: "unparseable", code: "damaged_file" },
    { kind: "unreadable", code: "unreadable" },
    { kind: "wrong_shape", code: "damaged_file" },
  ] as const,
)("faultError() of $kind is $code", ({ kind, code }) => {
  const fault = faultOfFile(kind, "/f", "it is odd", 7);
  const { message, hint, ...error } = faultError(fault);
  assertEquals([message, error.code], [
    "Cannot use /f line 7: it is odd",
    code,
  ]);
  assertEquals([hint, fault.where, fault.line], [fault.hint, "/f line 7", 7]);
});
