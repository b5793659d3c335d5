import { assert, assertEquals } from "@std/assert";
import { readBody } from "./read_body.ts";

const limits = { maxWireBytes: 1000, maxBytes: 2000 };

function request(body: BodyInit, encoding?: string): Request {
  const headers: Record<string, string> = encoding === undefined
    ? {}
    : { "content-encoding": encoding };
  return new Request("http://host/", { method: "POST", body, headers });
}

async function pack(bytes: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test.each([
  { text: "" },
  { text: "{}" },
  { text: "é€😀" },
  { text: "x".repeat(1000) },
])("readBody() reads $text, packed or not", async ({ text }) => {
  const bytes = new TextEncoder().encode(text).length;
  const expected = { kind: "text" as const, text, bytes };
  assertEquals(await readBody(request(text), limits), expected);
  const packed = await pack(text);
  for (const name of ["gzip", "GZIP"]) {
    assertEquals(await readBody(request(packed, name), limits), expected);
  }
});

Deno.test("readBody() of nothing is empty", async () => {
  const request = new Request("http://host/", { method: "POST" });
  const read = await readBody(request, limits);
  assertEquals(read, { kind: "text", text: "", bytes: 0 });
});

Deno.test("readBody() stops at the limit of the wire, told or not", async () => {
  const long = "x".repeat(1001);
  assertEquals(await readBody(request(long), limits), { kind: "too_large" });
  const told = request("x");
  told.headers.set("content-length", "1001");
  assertEquals(await readBody(told, limits), { kind: "too_large" });
});

Deno.test("readBody() stops at the limit of what it becomes", async () => {
  const fits = await pack("x".repeat(2000));
  assertEquals((await readBody(request(fits, "gzip"), limits)).kind, "text");
  const long = await pack("x".repeat(2001));
  const read = await readBody(request(long, "gzip"), limits);
  assertEquals(read, { kind: "too_large" });
});

Deno.test("readBody() unpacks little of a bomb", async () => {
  const bomb = await pack("x".repeat(100 * 1024 * 1024));
  const wide = { maxWireBytes: 1024 * 1024, maxBytes: 1000 };
  let taken = 0;
  const slices = new ReadableStream({
    pull(controller) {
      controller.enqueue(bomb.subarray(taken, taken + 4096));
      taken += 4096;
      if (taken >= bomb.length) controller.close();
    },
  }, { highWaterMark: 0 });
  const read = await readBody(request(slices, "gzip"), wide);
  assertEquals(read, { kind: "too_large" });
  assert(taken < bomb.length / 2, `${taken} of ${bomb.length}`);
});

Deno.test.each([
  { name: "no gzip", body: new Uint8Array([1, 2, 3]), encoding: "gzip" },
  { name: "bad UTF-8", body: new Uint8Array([0xff]), encoding: undefined },
])("readBody() of $name is broken", async ({ body, encoding }) => {
  assertEquals(
    (await readBody(request(body, encoding), limits)).kind,
    "broken",
  );
});

Deno.test("readBody() of half a gzip is broken", async () => {
  const half = (await pack("hello hello hello")).slice(0, -4);
  assertEquals((await readBody(request(half, "gzip"), limits)).kind, "broken");
});

Deno.test("readBody() knows no other encoding", async () => {
  const read = await readBody(request("x", "br"), limits);
  assertEquals(read, { kind: "unsupported", encoding: "br" });
});
