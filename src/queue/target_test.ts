import { assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { readAudit } from "./audit.ts";
import { bindTarget, changeTarget, readTarget } from "./target.ts";

const ACME = { url: "https://a.example", workspace: "acme", account: "ada" };

const LEARNED = {
  circuit: "open",
  "paused_reason": "protocol",
  "paused_detail": "upgrade",
  "paused_at": 3,
  "next_attempt_at": 99,
  failures: 4,
  "last_error_code": "transport",
  "last_error": "refused",
  "server_max_events": 10,
  "server_max_bytes": 1000,
  "limits_at": 5,
  "hint_events": 2,
  "hint_bytes": 200,
  "clean_batches": 1,
  "acked_lamport": 7,
} as const;

Deno.test("readTarget() begins with nobody", async () => {
  const { store } = await fakeQueue();
  const { url, workspace, account, circuit, failures } = readTarget(store);
  assertEquals([url, workspace, account], [null, null, null]);
  assertEquals([circuit, failures], ["closed", 0]);
});

Deno.test("changeTarget() changes what it is told and nothing else", async () => {
  const { store } = await fakeQueue();
  const before = bindTarget(store, ACME, 1);
  changeTarget(store, LEARNED);
  changeTarget(store, { failures: 5 });
  changeTarget(store, {});
  assertEquals(readTarget(store), { ...before, ...LEARNED, failures: 5 });
});

Deno.test("bindTarget() keeps what it has learned of the same server", async () => {
  const { store } = await fakeQueue();
  bindTarget(store, ACME, 1);
  changeTarget(store, LEARNED);
  const target = bindTarget(store, { ...ACME }, 2);
  assertEquals(target.failures, 4);
  assertEquals(readAudit(store, 9).length, 1);
});

Deno.test.each([
  { name: "server", change: { url: "https://b.example" } },
  { name: "workspace", change: { workspace: "other" } },
  { name: "workspace that is none", change: { workspace: null } },
  { name: "account", change: { account: "bob" } },
])(
  "bindTarget() forgets what it has learned for another $name",
  async ({ change }) => {
    const { store } = await fakeQueue();
    const fresh = bindTarget(store, ACME, 1);
    changeTarget(store, { ...LEARNED, "last_pass_at": 8 });
    const next = { ...ACME, ...change };
    const target = bindTarget(store, next, 2);
    assertEquals(target, { ...fresh, ...next, "last_pass_at": 8 });
    const [entry] = readAudit(store, 1);
    assertEquals([entry?.action, entry?.at], ["bind_target", 2]);
    assertEquals(JSON.parse(entry?.details ?? ""), { ...next, former: ACME });
  },
);
