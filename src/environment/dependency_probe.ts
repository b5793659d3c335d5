/**
 * Asks a dependency in its own language whether it is ready. Whoever answers
 * in another language is named, so that nobody looks for a broken database
 * where a web server has taken the port.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { TcpReply } from "../host/tcp.ts";
import { baseUrl, type DependencyEndpoint } from "./dependency_endpoint.ts";
import type { DependencyDefinition, ProbeSpec } from "./dependency_registry.ts";
import {
  isPostgresAnswer,
  isRedisAnswer,
  nameServer,
  postgresGreeting,
  printable,
  readPostgres,
  readRedis,
  redisGreeting,
  SERVER_NAMES,
  type WireVerdict,
} from "./dependency_wire.ts";

/** Why a dependency is not ready, in a word. */
export type ProbeCause =
  /** Another kind of server has its port. */
  | "foreign"
  /** It takes the connection and ends it. */
  | "hangs_up"
  /** Nobody listens on its port. */
  | "nobody"
  /** It says that it will be ready. */
  | "not_yet"
  /** It does not want us. */
  | "refused"
  /** Not a word in time. */
  | "silent"
  /** There is no way to its machine. */
  | "unreachable";

/** What a probe found. */
export type ProbeResult =
  | { readonly kind: "ready" }
  | {
    /** `starting` is what it says of itself; the rest has failed for now. */
    readonly kind: "failed" | "starting";
    readonly cause: ProbeCause;
    /** One sentence without a full stop; never a secret. */
    readonly reason: string;
  };

/** What probes need of the world. */
export type ProbeHost = Pick<Host, "clock" | "tcp" | "web">;

/** How long one probe may take, in milliseconds. */
export const PROBE_TIMEOUT_MS = 3000;

/** Address that our own servers listen on; `localhost` may be another. */
const LOOPBACK = "127.0.0.1";

/** Part of the time that asking for a name has, after a silent server. */
const NAMING_PART = 0.3;

/** One question. */
interface Question {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Limits of {@linkcode probeDependency}. */
export interface ProbeOptions {
  /** How long it may take. @default {@linkcode PROBE_TIMEOUT_MS} */
  readonly timeoutMs?: number;
  /** Gives up early: what has not answered by then is silent. */
  readonly signal?: AbortSignal | undefined;
}

/** Probes a dependency where it answers. */
export async function probeDependency(
  host: ProbeHost,
  definition: DependencyDefinition,
  endpoint: DependencyEndpoint,
  { timeoutMs = PROBE_TIMEOUT_MS, signal }: ProbeOptions = {},
): Promise<ProbeResult> {
  const question: Question = {
    name: definition.displayName,
    host: endpoint.host === "localhost" ? LOOPBACK : endpoint.host,
    port: endpoint.ports[definition.probed] ?? 0,
    timeoutMs,
    signal,
  };
  const probe = probeFor(definition.probe, endpoint);
  const askMs = Math.ceil(timeoutMs * (1 - NAMING_PART));
  const start = host.clock.elapsed();
  const result = probe.kind === "http"
    ? await probeHttp(host, question, probe, endpoint, definition.probed)
    : await probeBytes(host, { ...question, timeoutMs: askMs }, {
      probe,
      endpoint,
    });
  if (signal?.aborted || !isPuzzling(result) || probe.kind === "tcp") {
    return result;
  }
  const leftMs = timeoutMs - (host.clock.elapsed() - start);
  return await nameTheStranger(
    host,
    { ...question, timeoutMs: Math.max(1, leftMs) },
    { result, own: SERVER_NAMES[probe.kind] },
  );
}

/** A server behind TLS can only be told to be there. */
function probeFor(
  probe: ProbeSpec,
  { isTls }: DependencyEndpoint,
): ProbeSpec {
  return isTls && probe.kind !== "http" ? { kind: "tcp" } : probe;
}

function isPuzzling(result: ProbeResult): boolean {
  return result.kind !== "ready" &&
    ["foreign", "hangs_up", "silent"].includes(result.cause);
}

async function probeBytes(
  { tcp }: Pick<Host, "tcp">,
  question: Question,
  { probe, endpoint }: {
    readonly probe: Exclude<ProbeSpec, { readonly kind: "http" }>;
    readonly endpoint: DependencyEndpoint;
  },
): Promise<ProbeResult> {
  const { host: hostname, port, signal, timeoutMs } = question;
  const shared = { hostname, port, signal, timeoutMs };
  switch (probe.kind) {
    case "tcp":
      return judge(
        question,
        await tcp.exchange({ ...shared, bytes: new Uint8Array(), maxBytes: 0 }),
        () => ({ kind: "ready" }),
      );
    case "postgres":
      return judge(
        question,
        await tcp.exchange({
          ...shared,
          bytes: postgresGreeting(known(endpoint)),
          isEnough: isPostgresAnswer,
        }),
        readPostgres,
      );
    case "redis": {
      const commands = endpoint.password === undefined ? 1 : 2;
      return judge(
        question,
        await tcp.exchange({
          ...shared,
          bytes: redisGreeting(known(endpoint)),
          isEnough: (bytes) => isRedisAnswer(bytes, commands),
        }),
        readRedis,
      );
    }
  }
}

/** The credentials that are there: a greeting has names for the others. */
function known(endpoint: DependencyEndpoint): Readonly<Record<string, string>> {
  const { user, password, database } = endpoint;
  return {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
  };
}

function judge(
  question: Question,
  reply: TcpReply,
  read: (bytes: Uint8Array) => WireVerdict,
): ProbeResult {
  if (reply.kind !== "reply") return judgeSilence(question, reply);
  const verdict = read(reply.bytes);
  switch (verdict.kind) {
    case "ready":
      return { kind: "ready" };
    case "starting":
      return {
        kind: "starting",
        cause: "not_yet",
        reason: `${question.name} says "${verdict.reason}"`,
      };
    case "refused":
      return failed("refused", `${question.name} says "${verdict.reason}"`);
    case "foreign":
      return foreign(question, nameServer(reply.bytes));
  }
}

function judgeSilence(
  { name, host, port, timeoutMs }: Question,
  reply: Exclude<TcpReply, { readonly kind: "reply" }>,
): ProbeResult {
  const place = `${host} port ${port}`;
  switch (reply.kind) {
    case "refused":
      return failed("nobody", `nobody listens on ${place}`);
    case "reset":
      return failed(
        "hangs_up",
        `${place} ends the connection without an answer`,
      );
    case "timeout":
      return failed(
        reply.connected ? "silent" : "unreachable",
        `${place} does not answer as ${name} within ${timeoutMs} ms`,
      );
    case "unreachable":
      return failed(
        "unreachable",
        `${place} cannot be reached: ${printable(reply.reason)}`,
      );
  }
}

function failed(cause: ProbeCause, reason: string): ProbeResult {
  return { kind: "failed", cause, reason };
}

function foreign(
  { name, host, port }: Question,
  server: string | undefined,
): ProbeResult {
  const who = server ?? "another kind of server";
  return failed(
    "foreign",
    `${who} answers on ${host} port ${port}, not ${name}`,
  );
}

async function probeHttp(
  { web }: Pick<Host, "web">,
  question: Question,
  { path }: Extract<ProbeSpec, { readonly kind: "http" }>,
  endpoint: DependencyEndpoint,
  resource: string,
): Promise<ProbeResult> {
  const { name, host, port, signal, timeoutMs } = question;
  const reply = await web.request({
    ...signal === undefined ? {} : { signal },
    url: baseUrl(endpoint, resource, host) + path,
    method: "GET",
    timeoutMs: Math.ceil(timeoutMs * (1 - NAMING_PART)),
  });
  if (reply.kind === "too_large") return { kind: "ready" };
  if (reply.kind === "timeout") {
    return judgeSilence(question, { kind: "timeout", connected: true });
  }
  if (reply.kind !== "reply") {
    // Web requests do not tell a closed port from a foreign language.
    return failed("silent", `${host} port ${port} does not answer as ${name}`);
  }
  const answer = `${name} answers ${path} with ${reply.status}`;
  if (reply.status >= 200 && reply.status < 400) return { kind: "ready" };
  return reply.status >= 500
    ? { kind: "starting", cause: "not_yet", reason: answer }
    : failed("refused", answer);
}

/** Asks in every language; who answers in one but its own is named. */
async function nameTheStranger(
  { tcp }: Pick<Host, "tcp">,
  question: Question,
  { result, own }: { readonly result: ProbeResult; readonly own: string },
): Promise<ProbeResult> {
  const { host: hostname, port, signal, timeoutMs } = question;
  const shared = { hostname, port, signal, timeoutMs };
  const line = new TextEncoder().encode(
    `GET / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`,
  );
  const replies = await Promise.all(
    [line, redisGreeting({}), postgresGreeting({})].map((bytes) =>
      tcp.exchange({ ...shared, bytes })
    ),
  );
  if (replies.some(({ kind }) => kind === "refused")) {
    return judgeSilence(question, { kind: "refused" });
  }
  const [name] = replies.flatMap((reply) =>
    reply.kind === "reply" ? nameServer(reply.bytes) ?? [] : []
  );
  if (name === undefined || name === own) return result;
  return foreign(question, name);
}
