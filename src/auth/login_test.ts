import { assert, assertEquals } from "@std/assert";
import { HostError } from "../host/host.ts";
import {
  type LoginOptions,
  signInWithBrowser,
  toLoginResult,
} from "./login.ts";
import { challengeOf } from "./pkce.ts";
import { type FakeHost, FakeWorld, webReply } from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const SERVER = "https://sync.example";
const TOKENS = {
  "access_token": "a1",
  "expires_in": 900,
  "refresh_token": "r1",
  "session_id": "s1",
};

/** A person at the browser: gets the address, answers the callback. */
interface Person {
  /** Query that the browser brings back, besides the state. */
  readonly answer: string | undefined;
  readonly host: FakeHost;
}

function open(answer: string | undefined) {
  const host = new FakeWorld().host();
  host.world.web.respond = () => webReply(200, TOKENS);
  return { host, answer };
}

async function visit({ host, answer }: Person, url: string): Promise<string> {
  const query = new URL(url).searchParams;
  const callback = new URL(query.get("redirect_uri") ?? "");
  const state = query.get("state") ?? "";
  const reply = await host.network.request({
    port: Number(callback.port),
    method: "GET",
    path: `${callback.pathname}?${answer}&state=${state}`,
    timeoutMs: 400_000,
  });
  return reply.kind === "reply" ? reply.body : reply.kind;
}

async function signIn(person: Person, change: Partial<LoginOptions> = {}) {
  const seen = { url: "", page: Promise.resolve(""), hasNoBrowser: false };
  const result = await signInWithBrowser(person.host, {
    server: SERVER,
    opensBrowser: true,
    onAddress: (url) => {
      seen.url = url;
      if (person.answer !== undefined) seen.page = visit(person, url);
    },
    onNoBrowser: () => seen.hasNoBrowser = true,
    signal: new AbortController().signal,
    ...change,
  });
  const port = Number(
    new URL(new URL(seen.url).searchParams.get("redirect_uri") ?? "").port,
  );
  const after = await person.host.network.request({
    port,
    method: "GET",
    path: "/callback",
    timeoutMs: 1000,
  });
  assertEquals(after.kind, "refused", "nothing listens any more");
  return { result, ...seen, page: await seen.page };
}

Deno.test("signInWithBrowser() redeems the code with what proves it", async () => {
  const person = open("code=c1");
  const { result, url, page } = await signIn(person);
  assert(result.kind === "tokens");
  assertEquals(result.tokens.accessToken, "a1");
  assert(page.includes("<h1>Signed in</h1>"), page);
  const { origin, pathname, searchParams } = new URL(url);
  assertEquals(`${origin}${pathname}`, `${SERVER}/oauth/authorize`);
  const asked = Object.fromEntries(searchParams);
  assertEquals(
    [
      asked["response_type"],
      asked["client_id"],
      asked["code_challenge_method"],
      asked["scope"],
    ],
    ["code", "reeve_cli", "S256", "offline_access"],
  );
  const [request] = person.host.world.web.requests;
  const sent = Object.fromEntries(new URLSearchParams(String(request?.body)));
  assertEquals(
    [sent["grant_type"], sent["code"], sent["redirect_uri"]],
    ["authorization_code", "c1", asked["redirect_uri"]],
  );
  const verifier = sent["code_verifier"] ?? "";
  assertEquals(asked["code_challenge"], await challengeOf(verifier));
  assert(!url.includes(verifier));
  assertEquals(person.host.world.commands[0]?.args, [url]);
});

Deno.test("signInWithBrowser() starts no browser when told so", async () => {
  const person = open("code=c1");
  const { result } = await signIn(person, { opensBrowser: false });
  assertEquals(result.kind, "tokens");
  assertEquals(person.host.world.commands, []);
});

Deno.test("signInWithBrowser() goes on when there is no browser", async () => {
  const person = open("code=c1");
  person.host.world.onSpawn = () => new HostError("not_found", "xdg-open");
  const { result, hasNoBrowser } = await signIn(person);
  assertEquals([result.kind, hasNoBrowser], ["tokens", true]);
});

Deno.test("signInWithBrowser() tells a denial, and so does the page", async () => {
  const { result, page } = await signIn(open("error=access_denied"));
  assertEquals(result, { kind: "denied" });
  assert(page.includes("The sign-in was denied"), page);
});

Deno.test("signInWithBrowser() tells a failure, and so does the page", async () => {
  const { result, page } = await signIn(open("error=server_error"));
  assertEquals(result, { kind: "refused", reason: "server_error" });
  assert(page.includes("The sign-in failed"), page);
});

Deno.test("signInWithBrowser() shows a failure when the code is refused", async () => {
  const person = open("code=c1");
  person.host.world.web.respond = () =>
    webReply(400, { "error": "invalid_grant" });
  const { result, page } = await signIn(person);
  assertEquals(result.kind, "refused");
  assert(page.includes("The sign-in failed"), page);
});

Deno.test("signInWithBrowser() waits 5 minutes and no longer", async () => {
  const person = open(undefined);
  const { result } = await signIn(person);
  assertEquals(result, { kind: "late" });
  assertEquals(person.host.clock.elapsed(), 300_000);
});

Deno.test("signInWithBrowser() ends when the person gives up", async () => {
  const person = open(undefined);
  const abort = new AbortController();
  person.host.clock.sleep(1000).then(() => abort.abort("SIGINT"));
  const { result } = await signIn(person, { signal: abort.signal });
  assertEquals(result, { kind: "interrupted" });
});

Deno.test("signInWithBrowser() ends when the person gives up on the server", async () => {
  const person = open("code=c1");
  const abort = new AbortController();
  person.host.world.web.respond = async () => {
    abort.abort("SIGINT");
    return await new Promise(() => {});
  };
  const { result, page } = await signIn(person, { signal: abort.signal });
  assertEquals(result, { kind: "interrupted" });
  assert(page.includes("The sign-in failed"), page);
});

Deno.test("toLoginResult() knows a denial wherever it comes from", () => {
  const refused = { kind: "refused", reason: "r" } as const;
  assertEquals(
    toLoginResult({ ...refused, refusal: "access_denied" }),
    { kind: "denied" },
  );
  assertEquals(
    toLoginResult({ ...refused, refusal: undefined }),
    { kind: "refused", reason: "r" },
  );
});
