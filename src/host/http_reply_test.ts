import { assertEquals } from "@std/assert";
import { parseReply } from "./http_reply.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test.each([
  { name: "an empty start", text: "", ended: false, kind: "incomplete" },
  {
    name: "a partial status",
    text: "HTTP/1.1 2",
    ended: false,
    kind: "incomplete",
  },
  {
    name: "a head cut off",
    text: "HTTP/1.1 200 OK\r\n",
    ended: true,
    kind: "not_http",
  },
  { name: "a banner", text: "SSH-2.0-x\r\n", ended: false, kind: "not_http" },
  { name: "HTTP/2", text: "HTTP/2 200\r\n\r\n", ended: true, kind: "not_http" },
  {
    name: "a bad status",
    text: "HTTP/1.1 abc\r\n\r\n",
    ended: true,
    kind: "not_http",
  },
  {
    name: "a short body",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
    ended: false,
    kind: "incomplete",
  },
  {
    name: "a cut body",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
    ended: true,
    kind: "not_http",
  },
  {
    name: "a bad length",
    text: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
    ended: true,
    kind: "not_http",
  },
  {
    name: "a bad chunk",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ended: false,
    kind: "not_http",
  },
  {
    name: "an open chunk",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ended: false,
    kind: "incomplete",
  },
])("parseReply() of $name is $kind", (row) => {
  assertEquals<string>(parseReply(bytes(row.text), row.ended).kind, row.kind);
});

Deno.test.each([
  {
    name: "a stated length",
    text: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}rest",
    ended: false,
    status: 200,
    body: "{}",
  },
  {
    name: "an ended HTTP/1.0 body",
    text: "HTTP/1.0 403 Forbidden\r\n\r\nno",
    ended: true,
    status: 403,
    body: "no",
  },
  {
    name: "chunks",
    text:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=1\r\ncde\r\n0\r\n\r\n",
    ended: false,
    status: 200,
    body: "abcde",
  },
  {
    name: "no reason phrase",
    text: "HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n",
    ended: false,
    status: 204,
    body: "",
  },
])("parseReply() reads $name", (row) => {
  assertEquals(parseReply(bytes(row.text), row.ended), {
    kind: "reply",
    status: row.status,
    body: row.body,
  });
});
