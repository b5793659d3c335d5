import { assert, assertEquals, assertRejects } from "@std/assert";
import { HostError } from "../host/host.ts";
import { statePaths } from "../state/paths.ts";
import type { Session } from "./session.ts";
import { toSessionRecord, toSummary } from "./session_record.ts";
import { signOut } from "./sign_out.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const paths = statePaths("/r");
const session: Session = {
  accessToken: "a1",
  accessExpiresAt: undefined,
  refreshToken: "r1",
  refreshExpiresAt: undefined,
  sessionId: "s1",
  userId: "u1",
  email: "",
  name: "",
  workspaces: [],
  workspace: undefined,
  server: "https://sync.example",
  method: "device",
  issuedAt: 0,
  generation: 3,
};

function open(text = JSON.stringify(toSessionRecord(session))) {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, 0o700);
  world.disk.put(paths.session, text);
  world.disk.put(paths.sessionSummary, JSON.stringify(toSummary(session)));
  world.web.respond = () => webReply(200);
  return { world, host: world.host() };
}

Deno.test("signOut() removes the session, then tells the server", async () => {
  const { world, host } = open();
  world.web.respond = () => {
    assertEquals(world.disk.textOf(paths.session), undefined);
    return webReply(200);
  };
  const { revocation } = await signOut(host, paths, { tellsServer: true });
  assertEquals(revocation, "confirmed");
  assertEquals(world.disk.textOf(paths.sessionSummary), undefined);
  assertEquals(world.web.requests.length, 1);
  const line = JSON.parse(world.disk.textOf(paths.authAudit) ?? "");
  assertEquals(
    [line.action, line.method, line.outcome],
    ["logout", "device", "removed_confirmed"],
  );
});

Deno.test("signOut() signs out here when the server says nothing", async () => {
  const { world, host } = open();
  world.web.respond = () => ({ kind: "timeout" });
  const { revocation } = await signOut(host, paths, { tellsServer: true });
  assertEquals(revocation, "unconfirmed");
  assertEquals(world.disk.textOf(paths.session), undefined);
});

Deno.test("signOut() tells nobody when it must not", async () => {
  const { world, host } = open();
  const { revocation } = await signOut(host, paths, { tellsServer: false });
  assertEquals([revocation, world.web.requests.length], ["skipped", 0]);
});

Deno.test("signOut() removes what cannot be used, and says so", async () => {
  const { world, host } = open("{");
  const { before, revocation } = await signOut(host, paths, {
    tellsServer: true,
  });
  assertEquals([before.kind, revocation], ["unreadable", "unconfirmed"]);
  assertEquals(world.disk.textOf(paths.session), undefined);
});

Deno.test("signOut() of nobody changes nothing", async () => {
  const world = new FakeWorld();
  const { before, revocation } = await signOut(world.host(), paths, {
    tellsServer: true,
  });
  assertEquals([before.kind, revocation], ["missing", "nothing"]);
  assertEquals([world.writes.length, world.web.requests.length], [0, 0]);
});

Deno.test("signOut() removes a summary that was left behind", async () => {
  const { world, host } = open();
  world.disk.take(paths.session);
  await signOut(host, paths, { tellsServer: true });
  assertEquals(world.disk.textOf(paths.sessionSummary), undefined);
});

Deno.test("signOut() tells no server of what it could not remove", async () => {
  const { world, host } = open();
  world.failFiles(paths.session, "read_only", { operation: "remove" });
  await assertRejects(
    () => signOut(host, paths, { tellsServer: true }),
    HostError,
  );
  assert(world.disk.textOf(paths.session) !== undefined);
  assertEquals(world.web.requests.length, 0);
});
