import { assert, assertEquals } from "@std/assert";
import type { WebReply } from "../host/web.ts";
import {
  type DeviceCode,
  deviceStep,
  firstInterval,
  signInWithDevice,
  slower,
} from "./device.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const SERVER = "https://sync.example";
const CODE = {
  "device_code": "d1",
  "user_code": "ABCD-EFGH",
  "verification_uri": `${SERVER}/device`,
  "verification_uri_complete": `${SERVER}/device?code=ABCD-EFGH`,
  "expires_in": 600,
  "interval": 5,
};
const TOKENS = { "access_token": "a1", "expires_in": 900 };
const refuse = (error: string) => webReply(400, { error });
const PENDING = refuse("authorization_pending");

/** Signs in against answers in order; gives when each question came. */
async function signIn(code: object, replies: readonly WebReply[]) {
  const host = new FakeWorld().host();
  const left = [...replies];
  const times: number[] = [];
  host.world.web.respond = ({ url }) => {
    if (url.endsWith("/oauth/device_authorization")) {
      return webReply(200, { ...code });
    }
    times.push(host.clock.elapsed() / 1000);
    return left.shift() ?? PENDING;
  };
  const codes: DeviceCode[] = [];
  const result = await signInWithDevice(host, {
    server: SERVER,
    onCode: (given) => codes.push(given),
    signal: new AbortController().signal,
  });
  return { result, times, codes, requests: host.world.web.requests };
}

Deno.test("signInWithDevice() shows the code and asks until it is used", async () => {
  const ok = webReply(200, TOKENS);
  const signed = await signIn(CODE, [PENDING, PENDING, ok]);
  assert(signed.result.kind === "tokens");
  assertEquals(signed.codes, [{
    userCode: "ABCD-EFGH",
    address: `${SERVER}/device`,
    completeAddress: `${SERVER}/device?code=ABCD-EFGH`,
  }]);
  assertEquals(signed.times, [5, 10, 15]);
  assertEquals(
    signed.requests[1]?.body,
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&" +
      "device_code=d1&client_id=reeve_cli",
  );
});

Deno.test("signInWithDevice() slows down when told so, to 10 s at most", async () => {
  const slow = refuse("slow_down");
  const ok = webReply(200, TOKENS);
  const { times } = await signIn(CODE, [slow, slow, PENDING, ok]);
  assertEquals(times, [5, 15, 25, 35]);
});

Deno.test("signInWithDevice() goes on when the network is gone for a moment", async () => {
  const ok = webReply(200, TOKENS);
  const away: WebReply = { kind: "unreachable", reason: "r" };
  const { result } = await signIn(CODE, [away, webReply(503), ok]);
  assertEquals(result.kind, "tokens");
});

Deno.test.each([
  { name: "a denial", replies: [refuse("access_denied")], is: "denied" },
  { name: "an old code", replies: [refuse("expired_token")], is: "late" },
  { name: "a refusal", replies: [refuse("invalid_grant")], is: "refused" },
  { name: "nobody", replies: [], is: "late" },
])("signInWithDevice() that meets $name: $is", async ({ replies, is }) => {
  const { result, times } = await signIn(CODE, replies);
  assertEquals<string>(result.kind, is);
  assert((times.at(-1) ?? 0) < 600);
});

Deno.test.each([
  { name: "no code", change: { "user_code": "" } },
  {
    name: "a code that moves the cursor",
    change: { "user_code": "\u001b[2J" },
  },
  { name: "a code that turns text round", change: { "user_code": "\u202eA" } },
  {
    name: "an address that is no page",
    change: { "verification_uri": "javascript:alert(1)" },
  },
])("signInWithDevice() shows nothing for $name", async ({ change }) => {
  const { result, codes } = await signIn({ ...CODE, ...change }, []);
  assertEquals([result.kind, codes.length], ["unreachable", 0]);
});

Deno.test("signInWithDevice() ends when the person gives up", async () => {
  const host = new FakeWorld().host();
  host.world.web.respond = ({ url }) =>
    url.endsWith("/oauth/token") ? PENDING : webReply(200, CODE);
  const abort = new AbortController();
  host.clock.sleep(7000).then(() => abort.abort("SIGINT"));
  const result = await signInWithDevice(host, {
    server: SERVER,
    onCode: () => {},
    signal: abort.signal,
  });
  assertEquals([result.kind, host.clock.elapsed()], ["interrupted", 7000]);
});

Deno.test("signInWithDevice() tells that the server has no such thing", async () => {
  const host = new FakeWorld().host();
  host.world.web.respond = () => webReply(404);
  const result = await signInWithDevice(host, {
    server: SERVER,
    onCode: () => {},
    signal: new AbortController().signal,
  });
  assertEquals(result, { kind: "refused", reason: "it answered 404" });
});

Deno.test.each([
  { stated: undefined, first: 5, next: 10 },
  { stated: null, first: 5, next: 10 },
  { stated: 0, first: 1, next: 6 },
  { stated: 8, first: 8, next: 10 },
  { stated: 30, first: 30, next: 30 },
])("firstInterval() of $stated is $first, then $next", (row) => {
  assertEquals(firstInterval(row.stated), row.first);
  assertEquals(slower(row.first), row.next);
});

Deno.test("deviceStep() ends for tokens and for an interrupt", () => {
  assertEquals(deviceStep({ kind: "aborted" }), "end");
  assertEquals(deviceStep({ kind: "transient", reason: "r" }), "again");
});
