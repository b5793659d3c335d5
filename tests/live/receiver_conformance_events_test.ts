import { assertEquals } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Web } from "../../src/host/web.ts";
import { checkConformance } from "../../src/receiver/conformance.ts";
import {
  at,
  findOut,
  header,
  type Json,
  results,
  webWith,
} from "./defective_servers.ts";

function recode(from: string, to: string | undefined) {
  return (result: Json) =>
    result.code === from ? { ...result, code: to } : result;
}

/** The text of a batch that was packed. */
async function unpack(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([body]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

findOut([
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
]);

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
