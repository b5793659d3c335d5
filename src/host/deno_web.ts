/**
 * Servers elsewhere, through `fetch`.
 *
 * @module
 */

import { openSocket } from "./deno_sockets.ts";
import type { Web, WebReply, WebRequest } from "./web.ts";

const REPLY_LIMIT_BYTES = 1024 * 1024;
const REASON_LIMIT = 200;

async function readBody(
  response: Response,
  maxBytes: number,
): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** What is wrong, without URL and headers: what they hold may be secret. */
function reasonOf(error: unknown, url: string): string {
  const isWrapped = error instanceof Error && error.cause instanceof Error;
  const fault = isWrapped ? error.cause : error;
  const text = fault instanceof Error ? fault.message : String(fault);
  return text.replace(/^error sending request .*client error \(\w+\): /, "")
    .replace(/^(Invalid header \w+): .*$/s, "$1")
    .replaceAll(url, "URL")
    .replaceAll(/\S+:\/\/\S+/g, "URL")
    .slice(0, REASON_LIMIT);
}

async function request(request: WebRequest): Promise<WebReply> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined
    ? deadline
    : AbortSignal.any([deadline, request.signal]);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { ...request.headers },
      redirect: "manual",
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const body = await readBody(
      response,
      request.maxBytes ?? REPLY_LIMIT_BYTES,
    );
    if (body === undefined) return { kind: "too_large" };
    const { status, headers } = response;
    const header = (name: string) => headers.get(name) ?? undefined;
    return { kind: "reply", status, header, body };
  } catch (error) {
    if (request.signal?.aborted) return { kind: "aborted" };
    if (deadline.aborted) return { kind: "timeout" };
    return { kind: "unreachable", reason: reasonOf(error, request.url) };
  }
}

/** Real servers. */
export const denoWeb: Web = { request, openSocket };
