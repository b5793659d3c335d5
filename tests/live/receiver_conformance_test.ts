import { assertEquals } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Clock } from "../../src/host/host.ts";
import type {
  SocketEvents,
  Web,
  WebReply,
  WebRequest,
} from "../../src/host/web.ts";
import { checkConformance, CHECKS } from "../../src/receiver/conformance.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** Limits that are tried quickly. */
const SMALL = { maxEvents: 100, maxBytes: 300_000 };

/** How a server is worse than the reference, seen from outside. */
interface Defect {
  /** Changes what is asked before the reference sees it. */
  readonly ask?: (request: WebRequest) => WebRequest;
  /** Changes the JSON that the reference has answered. */
  readonly json?: (json: Json, path: string) => Json;
  /** Changes the status that the reference has answered. */
  readonly status?: (status: number) => number;
  /** Opens a socket in another way. */
  readonly open?: (
    open: Web["openSocket"],
    ...args: Parameters<Web["openSocket"]>
  ) => ReturnType<Web["openSocket"]>;
  /** Changes a frame that the reference has sent. */
  readonly frame?: (frame: Json) => Json;
}

/** A clock on which nobody waits for a busy server. */
const hastyClock: Clock = {
  ...denoHost.clock,
  sleep: (ms, signal) => denoHost.clock.sleep(ms >= 1000 ? 10 : ms, signal),
};

/** A web in which every server has a defect. */
function webWith(defect: Defect): Web {
  const request = async (asked: WebRequest): Promise<WebReply> => {
    const changed = defect.ask?.(asked) ?? asked;
    const reply = await denoHost.web.request(changed);
    if (reply.kind !== "reply") return reply;
    const path = new URL(asked.url).pathname;
    const json = JSON.parse(reply.body);
    return {
      ...reply,
      status: defect.status?.(reply.status) ?? reply.status,
      body: JSON.stringify(defect.json?.(json, path) ?? json),
    };
  };
  const openSocket: Web["openSocket"] = (url, headers, events) => {
    const heard: SocketEvents = {
      ...events,
      onText(text) {
        const frame = JSON.parse(text);
        const changed = defect.frame === undefined
          ? frame
          : defect.frame(frame);
        if (changed !== undefined) events.onText(JSON.stringify(changed));
      },
    };
    const { open } = defect;
    const plain = denoHost.web.openSocket;
    return open === undefined
      ? plain(url, headers, heard)
      : open(plain, url, headers, heard);
  };
  return { request, openSocket };
}

/** The checks that fail for a server with a defect, with their details. */
async function failuresOf(
  defect: Defect,
  faults: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  await using started = await startReceiver({ faults, limits: SMALL });
  const report = await checkConformance(
    { ...denoHost, web: webWith(defect) },
    {
      url: started.url,
      readToken: () => Promise.resolve(started.token),
      timeoutMs: 300,
    },
  );
  if (report.kind !== "checked") return { [report.kind]: "" };
  assertEquals(report.checks.length, CHECKS.length);
  const failed = report.checks.filter(({ verdict }) => verdict === "fail");
  return Object.fromEntries(failed.map(({ id, detail }) => [id, detail]));
}

/** Changes every result of a batch. */
function results(change: (result: Json) => Json): Defect {
  return {
    json: (json) =>
      json.results === undefined
        ? json
        : { ...json, results: json.results.map(change) },
  };
}

/** Changes answers of one path. */
function at(part: string, change: (json: Json) => Json): Defect {
  return { json: (json, path) => path.includes(part) ? change(json) : json };
}

/** Changes one header of every request. */
function header(
  name: string,
  change: (value: string | undefined) => string,
): Defect {
  return {
    ask: (request) => ({
      ...request,
      headers: { ...request.headers, [name]: change(request.headers?.[name]) },
    }),
  };
}

function recode(from: string, to: string | undefined) {
  return (result: Json) =>
    result.code === from ? { ...result, code: to } : result;
}

/** Posts a text where a batch goes, packed or not. */
async function unpack(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([body]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

Deno.test("the reference keeps its own protocol", async () => {
  assertEquals(await failuresOf({}), {});
});

const DEFECTS: readonly (Defect & { name: string; fails: string[] })[] = [
  {
    name: "forgets what it has stored",
    ...results((result) => ({
      ...result,
      status: result.status === "duplicate" ? "success" : result.status,
    })),
    fails: ["dedupe", "encodings"],
  },
  {
    name: "calls other content a duplicate",
    ...results((result) =>
      result.code === "id_conflict"
        ? { "event_id": result.event_id, status: "duplicate" }
        : result
    ),
    fails: ["half_conflict", "id_conflict"],
  },
  {
    name: "gives conflicts no code",
    ...results(recode("id_conflict", undefined)),
    fails: ["half_conflict", "id_conflict"],
  },
  {
    name: "has codes of its own",
    ...results(recode("schema_mismatch", "bad_thing")),
    fails: ["machine_codes"],
  },
  {
    name: "has no code for a payload that is too large",
    ...results(recode("oversized_event", "schema_mismatch")),
    fails: ["oversized_event"],
  },
  {
    name: "lies about the rest of a refused batch",
    json: (json) =>
      json.results?.some((result: Json) => result.code === "id_conflict")
        ? {
          results: json.results.map((result: Json) => ({
            ...result,
            status: "rejected",
          })),
        }
        : json,
    fails: ["half_conflict"],
  },
  {
    name: "counts clocks wrongly",
    json: (json) =>
      json.max_lamport === undefined ? json : {
        ...json,
        "max_lamport": Object.fromEntries(
          Object.keys(json.max_lamport).map((node) => [node, 1]),
        ),
      },
    fails: ["max_lamport"],
  },
  {
    name: "writes hashes in capitals",
    ...at("lookup", ({ found }) => ({
      found: found.map((one: Json) => ({
        ...one,
        sha256: one.sha256.toUpperCase(),
      })),
    })),
    fails: ["half_conflict", "lookup"],
  },
  {
    name: "finds nothing",
    ...at("lookup", () => ({ found: [] })),
    fails: ["full_batch", "half_conflict", "lookup", "ws_ack"],
  },
  {
    name: "counts events twice",
    ...at("watermark", ({ nodes }) => ({
      nodes: Object.fromEntries(
        Object.entries(nodes).map(([node, mark]: Json) => [
          node,
          { ...mark, "event_count": 2 * mark.event_count },
        ]),
      ),
    })),
    fails: ["watermark"],
  },
  {
    name: "cannot unpack gzip",
    ...header("content-encoding", (value) => value === "gzip" ? "br" : ""),
    fails: ["encodings", "oversized_event", "too_many_bytes"],
  },
  {
    name: "states larger limits than it has",
    ...at("health", (json) => ({
      ...json,
      "max_events_per_batch": 200,
      "max_decompressed_bytes_per_batch": 400_000,
    })),
    fails: ["full_batch"],
  },
  {
    name: "takes more events than it states",
    ...at("health", (json) => ({ ...json, "max_events_per_batch": 50 })),
    fails: ["too_many_events"],
  },
  {
    name: "takes more bytes than it states",
    ...at("health", (json) => ({
      ...json,
      "max_decompressed_bytes_per_batch": 140_000,
    })),
    fails: ["too_many_bytes"],
  },
  {
    name: "states no limits",
    ...at("health", ({ status, protocol }) => ({ status, protocol })),
    fails: ["full_batch", "health"],
  },
  {
    name: "fails where it should refuse",
    status: (status) => status === 400 ? 500 : status,
    fails: ["broken_body"],
  },
  {
    name: "needs no token for events",
    ask: (request) => {
      const { authorization } = request.headers ?? {};
      const isGood = authorization !== undefined &&
        authorization !== "Bearer wrong";
      const headers = { ...request.headers };
      if (!isGood) headers["authorization"] = "Bearer token-of-a-test";
      return { ...request, headers };
    },
    fails: ["no_token"],
  },
  {
    name: "speaks any version",
    ...header("x-reeve-sync-protocol", () => "3.0"),
    fails: ["protocol"],
  },
  {
    name: "takes any workspace",
    ...header("x-reeve-workspace", () => "ada-private"),
    fails: ["workspace"],
  },
  {
    name: "says no workspace in its own words",
    json: (json) =>
      json.error?.code === "workspace_missing"
        ? { error: { code: "oops" } }
        : json,
    fails: ["workspace"],
  },
  {
    name: "does not name the workspaces",
    ...at("/me", ({ user_id: id }) => ({ "user_id": id, workspaces: [] })),
    fails: [
      "any_order",
      "dedupe",
      "encodings",
      "full_batch",
      "half_conflict",
      "id_conflict",
      "known_status",
      "lookup",
      "machine_codes",
      "max_lamport",
      "me",
      "no_token",
      "one_result_each",
      "oversized_event",
      "protocol",
      "too_many_bytes",
      "too_many_events",
      "watermark",
      "workspace",
      "ws_ack",
      "ws_broadcast",
      "ws_ping",
      "ws_query",
      "ws_snapshot",
      "ws_ticket",
      "ws_ticket_once",
      "broken_body",
    ],
  },
  {
    name: "has no active sessions",
    ...at("session-status", (json) => ({ ...json, status: "ended" })),
    fails: ["session_status"],
  },
  {
    name: "gives tickets without an address",
    ...at("ws-token", ({ ws_token: token }) => ({ "ws_token": token })),
    fails: [
      "ws_ack",
      "ws_broadcast",
      "ws_ping",
      "ws_query",
      "ws_snapshot",
      "ws_ticket",
      "ws_ticket_once",
    ],
  },
  {
    name: "opens sockets without a look at the ticket",
    open: (_open, _url, _headers, { onOpen, onClose }) => {
      queueMicrotask(() => onOpen?.());
      const send = () => true;
      return { send, close: () => onClose(1000, ""), bufferedBytes: 0 };
    },
    fails: [
      "ws_ack",
      "ws_broadcast",
      "ws_ping",
      "ws_query",
      "ws_snapshot",
      "ws_ticket_once",
    ],
  },
  {
    name: "takes a token in the query",
    open: (open, url, headers, events) => {
      const { origin, pathname, searchParams } = new URL(url);
      const [token] = searchParams.values();
      const all = token === undefined
        ? headers
        : { authorization: `Bearer ${token}` };
      return open(origin + pathname, all, events);
    },
    fails: ["ws_query"],
  },
  {
    name: "has no cursor",
    frame: ({ cursor: _cursor, ...frame }) => frame,
    fails: ["ws_snapshot"],
  },
  {
    name: "acknowledges another event",
    frame: (frame) =>
      frame.type === "ack" ? { ...frame, "event_id": "other" } : frame,
    fails: ["ws_ack"],
  },
  {
    name: "answers pings with a time of its own",
    frame: (frame) =>
      frame.type === "pong" ? { ...frame, timestamp: "now" } : frame,
    fails: ["ws_ping"],
  },
  {
    name: "tells nobody of new events",
    frame: (frame) => frame.type === "event" ? undefined : frame,
    fails: ["ws_broadcast"],
  },
];

Deno.test.each(DEFECTS)(
  "a server that $name is found out",
  async ({ name: _name, fails, ...defect }) => {
    const failed = Object.keys(await failuresOf(defect));
    assertEquals(failed.toSorted(), fails.toSorted());
  },
);

Deno.test("a server that insists on one order is found out", async () => {
  const refused = new Set<Uint8Array>();
  const plain = webWith({});
  const web: Web = {
    ...plain,
    async request(request) {
      const { body } = request;
      const isBatch = request.url.endsWith("/batch/");
      if (isBatch && body instanceof Uint8Array && body.length > 30) {
        const isPacked = body[0] === 0x1f;
        const text = isPacked
          ? await unpack(body)
          : new TextDecoder().decode(body);
        const clocks = [...text.matchAll(/"lamport_clock":(\d+)/g)]
          .map(([, clock]) => Number(clock));
        const isFalling = clocks.some((clock, at) =>
          clock < (clocks[at - 1] ?? 0)
        );
        if (isFalling) {
          refused.add(body);
          return await plain.request({ ...request, body: "{" });
        }
      }
      return await plain.request(request);
    },
  };
  await using started = await startReceiver();
  const report = await checkConformance({ ...denoHost, web }, {
    url: started.url,
    readToken: () => Promise.resolve(started.token),
  });
  assertEquals(refused.size, 1);
  const failed = report.kind === "checked"
    ? report.checks.filter(({ verdict }) => verdict === "fail")
    : [];
  assertEquals(failed.map(({ id }) => id), ["any_order"]);
});

const NEEDS_STORING = [
  "any_order",
  "dedupe",
  "encodings",
  "full_batch",
  "half_conflict",
  "id_conflict",
  "lookup",
  "max_lamport",
  "watermark",
  "ws_broadcast",
  "ws_snapshot",
];
const NEEDS_WORDS = [...NEEDS_STORING, "machine_codes", "oversized_event"];

Deno.test.each([
  { fault: "slow=5", fails: [] },
  { fault: "throttle=1:2", fails: [] },
  { fault: "throttle=99999:1", fails: ["retry_after"] },
  { fault: "error:2", fails: ["retry_after"] },
  { fault: "duplicate-results", fails: ["one_result_each"] },
  { fault: "max-events=20", fails: ["full_batch"] },
  { fault: "clock-skew=3600", fails: ["clock"] },
  { fault: "ws-drop-acks", fails: ["ws_ack"] },
  {
    fault: "ws-silent",
    fails: ["ws_ack", "ws_broadcast", "ws_ping", "ws_snapshot"],
  },
  {
    fault: "ws-close",
    fails: ["ws_ack", "ws_broadcast", "ws_ping", "ws_snapshot"],
  },
  {
    fault: "poison=ServerChecked",
    fails: [
      ...NEEDS_STORING,
      "known_status",
      "one_result_each",
      "oversized_event",
    ],
  },
  {
    fault: "poison-results=ServerChecked",
    fails: [...NEEDS_STORING, "known_status", "ws_ack"],
  },
  { fault: "pending", fails: NEEDS_WORDS },
  { fault: "unknown-status", fails: [...NEEDS_WORDS, "known_status"] },
  {
    fault: "missing-results",
    fails: [...NEEDS_STORING, "machine_codes", "one_result_each"],
  },
  {
    fault: "drop-after-commit",
    fails: [...NEEDS_WORDS, "known_status", "one_result_each"],
  },
  { fault: "hang", fails: ["unreachable"] },
  { fault: "expire-tokens=0", fails: ["token_rejected"] },
])("with $fault exactly $fails fail", async ({ fault, fails }) => {
  await using started = await startReceiver({ faults: [fault], limits: SMALL });
  const host = { ...denoHost, clock: hastyClock };
  const report = await checkConformance(host, {
    url: started.url,
    readToken: () => Promise.resolve(started.token),
    // A busy machine may be slow, so only silence is not waited for long.
    timeoutMs: /^(?:ws-|hang)/.test(fault) ? 600 : 1200,
  });
  const failed = report.kind === "checked"
    ? report.checks.filter(({ verdict }) => verdict === "fail")
      .map(({ id }) => id)
    : [report.kind];
  assertEquals(failed.toSorted(), fails.toSorted());
});

Deno.test.each([
  { fault: "html" },
  { fault: "redirect" },
])("with $fault only the clock and Retry-After do not fail", async (row) => {
  await using started = await startReceiver({ faults: [row.fault] });
  const report = await checkConformance(denoHost, {
    url: started.url,
    readToken: () => Promise.resolve(started.token),
  });
  const others = report.kind === "checked"
    ? report.checks.filter(({ verdict }) => verdict !== "fail")
    : [];
  assertEquals(others.map(({ id }) => id), ["clock", "retry_after"]);
});

Deno.test("without a server or a token nothing is checked", async () => {
  const options = {
    url: "http://127.0.0.1:1",
    readToken: () => Promise.resolve(undefined),
  };
  const nobody = await checkConformance(denoHost, options);
  assertEquals(nobody.kind, "unreachable");
  await using started = await startReceiver();
  const { url } = started;
  const none = await checkConformance(denoHost, { ...options, url });
  assertEquals(none.kind, "no_token");
  const readToken = () => Promise.resolve("wrong");
  const wrong = await checkConformance(denoHost, { url, readToken });
  assertEquals(wrong.kind, "token_rejected");
  assertEquals(started.receiver.countEvents(), 0);
});
