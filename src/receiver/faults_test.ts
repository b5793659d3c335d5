import { assert, assertEquals, assertThrows } from "@std/assert";
import { KnownError } from "../errors.ts";
import { FAULTS } from "./fault_names.ts";
import { createFaults, parseFault } from "./faults.ts";

Deno.test.each([
  { spec: "slow", value: "1000", amount: 1000, count: undefined },
  { spec: "slow=200", value: "200", amount: 200, count: undefined },
  { spec: "slow=200:3", value: "200", amount: 200, count: 3 },
  { spec: "html:1", value: "", amount: 0, count: 1 },
  { spec: "poison=TaskMoved", value: "TaskMoved", amount: 0, count: undefined },
  { spec: "not-admitted", value: "", amount: 0, count: undefined },
  { spec: "clock-skew=-60", value: "-60", amount: -60, count: undefined },
  { spec: "expire-tokens=0:1", value: "0", amount: 0, count: 1 },
])("parseFault() reads $spec", ({ spec, ...expected }) => {
  const { name: _, ...read } = parseFault(spec);
  assertEquals(read, expected);
});

Deno.test.each([
  { spec: "html=1", says: "takes no value" },
  { spec: "poison", says: "write poison=TEXT" },
  { spec: "max-events", says: "write max-events=NUMBER" },
  { spec: "slow=fast", says: "is no whole number" },
  { spec: "slow:0", says: "a count starts at 1" },
  { spec: "slow=1:2:3", says: "Cannot find the fault" },
  { spec: "", says: "Cannot find the fault" },
  { spec: "SLOW", says: "Cannot find the fault" },
])("parseFault() refuses $spec: $says", ({ spec, says }) => {
  const error = assertThrows(() => parseFault(spec), KnownError, says);
  assertEquals(error.code, "usage");
});

Deno.test.each([
  { spec: "slwo=5", meant: "slow" },
  { spec: "ws-slient", meant: "ws-silent" },
  { spec: "drop-after", meant: undefined },
])("parseFault() takes $spec for $meant", ({ spec, meant }) => {
  const { hint = "" } = assertThrows(() => parseFault(spec), KnownError);
  assertEquals(/Did you mean (\S+)\?/.exec(hint)?.[1], meant);
  for (const name of Object.keys(FAULTS)) assert(hint.includes(name), name);
});

Deno.test("take() counts a fault down, find() does not", () => {
  const faults = createFaults(["error=500:2", "html"]);
  assertEquals(faults.find("error")?.amount, 500);
  assertEquals(faults.take("error")?.amount, 500);
  assertEquals(faults.take("error")?.amount, 500);
  assertEquals(faults.take("error"), undefined);
  assertEquals(faults.find("error"), undefined);
  for (let n = 0; n < 5; n++) assert(faults.take("html"));
});

Deno.test("set() replaces all faults or, with a bad one, none", () => {
  const faults = createFaults(["html"]);
  faults.add("slow=1");
  assert(faults.find("html") && faults.find("slow"));
  assertThrows(() => faults.set("error", "bad"), KnownError);
  assert(faults.find("html"));
  assertEquals(faults.find("error"), undefined);
  faults.set("error");
  assertEquals(faults.find("html"), undefined);
  faults.set();
  assertEquals(faults.find("error"), undefined);
});
