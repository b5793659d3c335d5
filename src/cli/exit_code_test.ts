import { assertEquals } from "@std/assert";
import { EXIT, exitCodeFor, exitCodeForSignal } from "./exit_code.ts";

Deno.test("EXIT has the promised numbers", () => {
  assertEquals(EXIT, {
    ok: 0,
    actionable: 1,
    interrupted: 2,
    notReady: 3,
    signIn: 4,
    usage: 64,
    internal: 70,
    terminated: 143,
  });
});

Deno.test.each(
  [
    { code: "usage", exit: 64 },
    { code: "internal", exit: 70 },
    { code: "cancelled", exit: 2 },
    { code: "not_ready", exit: 3 },
    { code: "not_signed_in", exit: 4 },
    { code: "drift", exit: 1 },
    { code: "lock_busy", exit: 1 },
    { code: "no_home", exit: 1 },
    { code: "stop_failed", exit: 1 },
  ] as const,
)("exitCodeFor() of $code is $exit", ({ code, exit }) => {
  assertEquals<number>(exitCodeFor(code), exit);
});

Deno.test.each([
  { signal: "SIGTERM", exit: 143 },
  { signal: "SIGINT", exit: 2 },
  { signal: "SIGHUP", exit: 2 },
  { signal: undefined, exit: 2 },
])("exitCodeForSignal() of $signal is $exit", ({ signal, exit }) => {
  assertEquals<number>(exitCodeForSignal(signal), exit);
});
