/** Servers that are worse than the reference, as the check meets them. */

import { assertEquals } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type {
  SocketEvents,
  Web,
  WebReply,
  WebRequest,
} from "../../src/host/web.ts";
import { checkConformance, CHECKS } from "../../src/receiver/conformance.ts";

/** JSON of any shape: a defect may look into it as it likes. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** Limits that are tried quickly. */
export const SMALL = { maxEvents: 100, maxBytes: 300_000 };

/** How a server is worse than the reference, seen from outside. */
export interface Defect {
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

/** A defect, and the checks that find it out. */
export interface KnownDefect extends Defect {
  /** What the server does wrong, for the name of its test. */
  readonly name: string;
  /** The checks that must fail, and no others. */
  readonly fails: readonly string[];
}

/** A web in which every server has a defect. */
export function webWith(defect: Defect): Web {
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
export async function failuresOf(
  defect: Defect,
  faults: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  await using started = await startReceiver({ faults, limits: SMALL });
  const report = await checkConformance(
    { ...denoHost, web: webWith(defect) },
    {
      url: started.url,
      readToken: () => Promise.resolve(started.token),
      timeoutMs: 1500,
    },
  );
  if (report.kind !== "checked") return { [report.kind]: "" };
  assertEquals(report.checks.length, CHECKS.length);
  const failed = report.checks.filter(({ verdict }) => verdict === "fail");
  return Object.fromEntries(failed.map(({ id, detail }) => [id, detail]));
}

/** Registers a test for each defect. */
export function findOut(defects: readonly KnownDefect[]): void {
  Deno.test.each(defects)(
    "a server that $name is found out",
    async ({ name: _name, fails, ...defect }) => {
      const failed = Object.keys(await failuresOf(defect));
      assertEquals(failed.toSorted(), fails.toSorted());
    },
  );
}

/** Changes every result of a batch. */
export function results(change: (result: Json) => Json): Defect {
  return {
    json: (json) =>
      json.results === undefined
        ? json
        : { ...json, results: json.results.map(change) },
  };
}

/** Changes answers of one path. */
export function at(part: string, change: (json: Json) => Json): Defect {
  return { json: (json, path) => path.includes(part) ? change(json) : json };
}

/** Changes one header of every request. */
export function header(
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
