import { assert, assertEquals, assertThrows } from "@std/assert";
import { KnownError } from "../errors.ts";
import {
  checkQueueName,
  DEFAULT_TENANT,
  isJobId,
  isQueueName,
  isTenantId,
  quote,
  tenantOf,
} from "./names.ts";

Deno.test.each([
  { text: "a", is: true },
  { text: "0", is: true },
  { text: "acme-2", is: true },
  { text: "a--b", is: true },
  { text: "a".repeat(63), is: true },
  { text: "a".repeat(64), is: false },
  { text: "", is: false },
  { text: "-a", is: false },
  { text: "a-", is: false },
  { text: "Acme", is: false },
  { text: "a_b", is: false },
  { text: "a.b", is: false },
  { text: "a\n", is: false },
  { text: "ä", is: false },
  { text: DEFAULT_TENANT, is: false },
])("isTenantId() of $text is $is", ({ text, is }) => {
  assertEquals(isTenantId(text), is);
});

Deno.test("tenantOf() takes nothing for the default tenant", () => {
  assertEquals(tenantOf(undefined), "_default");
  assertEquals(tenantOf(""), "_default");
  assertEquals(tenantOf("acme"), "acme");
});

Deno.test("tenantOf() refuses a wrong tenant and says what one is", () => {
  const error = assertThrows(() => tenantOf("../etc"), KnownError);
  assertEquals(error.code, "usage");
  assertEquals(
    error.message,
    'Cannot use the tenant "../etc": a tenant has 1 to 63 lower-case ' +
      "letters, digits and hyphens, with no hyphen at either end",
  );
});

Deno.test("tenantOf() refuses the reserved name, and says that it is", () => {
  assertThrows(() => tenantOf("_default"), KnownError, "is reserved");
});

Deno.test.each([
  { text: "mail", is: true },
  { text: "mail.send_2-x", is: true },
  { text: "9", is: true },
  { text: "q".repeat(63), is: true },
  { text: "q".repeat(64), is: false },
  { text: "", is: false },
  { text: ".mail", is: false },
  { text: "_mail", is: false },
  { text: "Mail", is: false },
  { text: "mail/send", is: false },
  { text: "mail:send", is: false },
  { text: "mail\n", is: false },
])("isQueueName() of $text is $is", ({ text, is }) => {
  assertEquals(isQueueName(text), is);
});

Deno.test("checkQueueName() lets a name through and refuses others", () => {
  checkQueueName("mail");
  const error = assertThrows(() => checkQueueName("Mail"), KnownError);
  assertEquals(error.code, "usage");
  assert(error.message.startsWith('Cannot use the queue "Mail": a queue has'));
});

Deno.test.each([
  { text: "order-17", is: true },
  { text: "01JDE3", is: true },
  { text: "A.b_c-d", is: true },
  { text: "7e", is: true },
  { text: "i".repeat(128), is: true },
  { text: "i".repeat(129), is: false },
  { text: "17", is: false },
  { text: "", is: false },
  { text: "-a", is: false },
  { text: "_a", is: false },
  { text: "a:b", is: false },
  { text: "a b", is: false },
  { text: "a\n", is: false },
])("isJobId() of $text is $is", ({ text, is }) => {
  assertEquals(isJobId(text), is);
});

Deno.test("quote() keeps a message on one line and short", () => {
  assertEquals(quote("a\nb"), '"a\\nb"');
  assertEquals(quote("x".repeat(80)), `"${"x".repeat(80)}"`);
  assertEquals(quote("x".repeat(81)), `"${"x".repeat(80)}…"`);
});
