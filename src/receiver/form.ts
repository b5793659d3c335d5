/**
 * Forms as browsers and OAuth clients send them.
 *
 * @module
 */

import { readBody } from "./read_body.ts";

const FORM_LIMIT_BYTES = 64 * 1024;

/** Reads the fields of a form, or `undefined` when the body is none. */
export async function readForm(
  request: Request,
): Promise<URLSearchParams | undefined> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim();
  if (type?.toLowerCase() !== "application/x-www-form-urlencoded") {
    return undefined;
  }
  const read = await readBody(request, {
    maxBytes: FORM_LIMIT_BYTES,
    maxWireBytes: FORM_LIMIT_BYTES,
  });
  return read.kind === "text" ? new URLSearchParams(read.text) : undefined;
}
