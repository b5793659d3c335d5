/** HTTP by hand, for requests that no client would ever send. */

import { parseReply } from "../../src/host/http_reply.ts";

/** The one open connection of a request. */
export interface RawRequest extends Disposable {
  /** Sends more of it. */
  send(text: string | Uint8Array<ArrayBuffer>): Promise<void>;
  /** Reads one whole reply. */
  receive(): Promise<RawReply>;
}

/** What the server sent. */
export interface RawReply {
  /** Status, or 0 when there was none. */
  readonly status: number;
  /** Headers and body as they came. */
  readonly text: string;
  /** What follows the head, without chunk sizes. */
  // deno-lint-ignore no-explicit-any
  readonly json: any;
}

/** Opens a connection to a port of this machine. */
export async function openRaw(
  port: number,
  hostname = "127.0.0.1",
): Promise<RawRequest> {
  const connection = await Deno.connect({ hostname, port });
  return {
    async send(text) {
      let bytes = typeof text === "string"
        ? new TextEncoder().encode(text)
        : text;
      while (bytes.length > 0) {
        bytes = bytes.subarray(await connection.write(bytes));
      }
    },
    receive: async () => parse(await readAll(connection)),
    [Symbol.dispose]: () => connection.close(),
  };
}

async function readAll(connection: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(64 * 1024);
  const bytes: number[] = [];
  let count: number | null = 0;
  while (count !== null) {
    // A server that refuses a body may reset what is still under way.
    count = await connection.read(buffer).catch(() => null);
    bytes.push(...buffer.subarray(0, count ?? 0));
    // It may also leave the connection open while the body has not come.
    const state = parseReply(new Uint8Array(bytes), count === null);
    if (state.kind !== "incomplete") break;
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

function parse(text: string): RawReply {
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0);
  return {
    status,
    text,
    get json() {
      return JSON.parse(/\{.*\}/s.exec(text)?.[0] ?? "null");
    },
  };
}

/** How a request differs from a plain GET. */
export interface RawOptions {
  /** Method. @default "GET" */
  readonly method?: string;
  /** Headers besides Host, Connection and Content-Length. */
  readonly headers?: readonly string[];
  /** Host header. @default the server's own */
  readonly host?: string;
  /** Body. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Sends one whole request and reads the reply. */
export async function rawRequest(
  port: number,
  path: string,
  options: RawOptions = {},
): Promise<RawReply> {
  using request = await openRaw(port);
  const body = typeof options.body === "string"
    ? new TextEncoder().encode(options.body)
    : options.body ?? new Uint8Array();
  const length = body.length === 0 ? [] : [`Content-Length: ${body.length}`];
  const head = [
    `${options.method ?? "GET"} ${path} HTTP/1.1`,
    `Host: ${options.host ?? `127.0.0.1:${port}`}`,
    "Connection: close",
    ...length,
    ...options.headers ?? [],
  ];
  await request.send(head.join("\r\n") + "\r\n\r\n");
  await request.send(body).catch((error: unknown) => {
    // It may refuse a large body before it has come.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  });
  return await request.receive();
}

/** Sends a JSON body. */
export function rawPost(
  port: number,
  path: string,
  body: unknown,
): Promise<RawReply> {
  return rawRequest(port, path, { method: "POST", body: JSON.stringify(body) });
}
