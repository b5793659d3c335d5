import { assertEquals } from "@std/assert";
import { warnOnce } from "./warn_once.ts";

Deno.test("warnOnce() tells each trouble once and gives it every time", () => {
  const told: string[] = [];
  const warn = warnOnce((message) => void told.push(message));
  const details = [
    warn("Delivery failed", new Error("the disk is full")),
    warn("Delivery failed", new Error("the disk is full")),
    warn("Delivery failed", "the disk is gone"),
    warn("Delivery cannot start", new Error("the disk is full")),
  ];
  assertEquals(told, [
    "Delivery failed: the disk is full",
    "Delivery failed: the disk is gone",
    "Delivery cannot start: the disk is full",
  ]);
  assertEquals(details, [
    "the disk is full",
    "the disk is full",
    "the disk is gone",
    "the disk is full",
  ]);
});

Deno.test("warnOnce() does no harm to a program that cannot be told", () => {
  const warn = warnOnce(() => {
    throw new Error("nobody listens");
  });
  assertEquals(warn("Delivery failed", new Error("no")), "no");
});
