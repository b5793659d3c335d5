import { HostError, type LoopbackReply } from "../../src/host/host.ts";
import { parseReply } from "../../src/host/http_reply.ts";
import type { WebReply, WebRequest } from "../../src/host/web.ts";
import type { ProgramEnd, ProgramRun } from "../../src/host/programs.ts";
import { ended, FakeWorld, webReply } from "#support/fake_host.ts";
import type {
  FakeHost,
  FakePeer,
  OnSpawn,
  Respond,
} from "#support/fake_host.ts";
import type {
  Behaviour,
  ContractWorld,
  SocketBehaviour,
} from "./contract_world.ts";
import { hostContract } from "./host_contract.ts";

const HAS_ENDED = true;
const SOCKETS = "ws://server.test";

/** Plays the two programs that the contract starts. */
const play: OnSpawn = ({ executable, args, cwd }) => {
  const [verb, value = "", name = ""] = args;
  if (executable !== "/bin/actor") {
    return new HostError("not_found", executable);
  }
  if (verb === "sleeps") return {};
  if (verb === "writes") {
    return { output: value, run: () => Promise.resolve(0) };
  }
  return {
    async run(host) {
      if (verb === "exits") return Number(value);
      await host.files.append(value, `${host.env.get(name)}\n${cwd}\n`);
      return 0;
    },
  };
};

function respondLike(behaviour: Behaviour): Respond | undefined {
  if (behaviour.kind === "is_silent") return undefined;
  if (behaviour.kind === "hangs_up") return () => ({ kind: "reset" });
  const bytes = new TextEncoder().encode(behaviour.text);
  const reply = parseReply(bytes, HAS_ENDED);
  return (): LoopbackReply =>
    reply.kind === "incomplete" ? { kind: "not_http" } : reply;
}

type RespondElsewhere = Parameters<ContractWorld["startWeb"]>[0];

async function answer(
  { url, method, headers = {}, body }: WebRequest,
  respond: RespondElsewhere,
): Promise<WebReply> {
  const init = { method, headers, body: body ?? null };
  const response = await respond(new Request(url, init));
  const text = await response.text();
  return webReply(response.status, text, Object.fromEntries(response.headers));
}

function meetSocket(
  behaviour: SocketBehaviour,
  headers: Readonly<Record<string, string>>,
  peer: FakePeer,
): void {
  if (behaviour.kind === "refuses") return peer.close(1006, "status 401");
  peer.accept();
  if (behaviour.kind === "closes") {
    return peer.close(behaviour.code, behaviour.reason);
  }
  peer.send(headers["authorization"] ?? "");
  peer.receive = (text) => peer.send(text);
}

function startServers(
  { web }: FakeWorld,
): Pick<ContractWorld, "startWeb" | "startSockets"> {
  return {
    startWeb(respond) {
      web.respond = (request) => answer(request, respond);
      return Promise.resolve("http://server.test");
    },
    startSockets(behaviour) {
      web.onSocket = (url, headers, peer) => {
        if (url.startsWith(SOCKETS)) meetSocket(behaviour, headers, peer);
        else peer.close(1006, "cannot connect");
      };
      return Promise.resolve(SOCKETS);
    },
  };
}

function startListener(
  { process }: FakeHost,
  port: number,
  behaviour: Behaviour,
): number {
  const respond = respondLike(behaviour);
  const answer = () => {
    if (behaviour.kind === "is_silent") return undefined;
    if (behaviour.kind === "hangs_up") return "hangs_up" as const;
    return new TextEncoder().encode(behaviour.text);
  };
  process.listen({ port, answer, ...(respond ? { respond } : {}) });
  return port;
}

/** Plays the programs that the contract runs to their end. */
async function playToEnd(
  world: FakeWorld,
  { executable, args, cwd, input = "" }: ProgramRun,
): Promise<ProgramEnd> {
  const [verb, value = "", name = ""] = args;
  if (executable !== "/bin/actor") return { kind: "missing" };
  if (verb === "copies") return ended(Number(value), input, "done\n");
  const append = world.host({ env: { "HOME": "" } });
  await append.files.append(value, `${append.env.get(name)}\n${cwd}\n`);
  return ended(0);
}

function makeFakeWorld(isPinned: boolean): Promise<ContractWorld> {
  const world = new FakeWorld({ onSpawn: play });
  world.onRun = (program) =>
    program.args[0] === "sleeps" ? "endless" : playToEnd(world, program);
  const host = world.host({ isPinned });
  const { disk } = world;
  disk.putDirectory("/tmp/contract", 0o700);
  let lastPort = 20_000;
  const act = (...args: readonly string[]) => ({
    executable: "/bin/actor",
    args,
    env: {},
    cwd: "/",
  });
  return Promise.resolve({
    host,
    tempDir: "/tmp/contract",
    makeDirectory: (path) => Promise.resolve(disk.putDirectory(path)),
    makeLink: (path, target) => Promise.resolve(disk.putLink(path, target)),
    startProcess(onSignal) {
      const parentPid = host.env.pid;
      const { pid, exited } = world.addProcess({ onSignal, parentPid });
      const end = () => Promise.resolve(world.endProcess(pid));
      return Promise.resolve({ pid, end, ended: exited });
    },
    startZombie() {
      const { pid } = world.addProcess({ leavesZombie: true });
      world.endProcess(pid);
      return Promise.resolve(pid);
    },
    ...startServers(world),
    startListener: (behaviour) =>
      Promise.resolve(startListener(host, ++lastPort, behaviour)),
    freePort: () => Promise.resolve(++lastPort),
    programThatExits: (code) => act("exits", String(code)),
    programThatSleeps: () => act("sleeps"),
    programThatWrites: (text) => act("writes", text),
    programThatCopies: (code) => act("copies", String(code)),
    programThatReports: (path, name) => act("reports", path, name),
    cleanup: () => Promise.resolve(),
  });
}

for (const isPinned of [true, false]) {
  hostContract(
    isPinned ? "fake host" : "fake host without pidfd",
    () => makeFakeWorld(isPinned),
    { hasZombies: true, isPosix: true },
  );
}
