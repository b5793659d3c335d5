import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  isPostgresAnswer,
  isRedisAnswer,
  nameServer,
  postgresGreeting,
  printable,
  readPostgres,
  readRedis,
  redisGreeting,
} from "./dependency_wire.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A message of PostgreSQL. */
function message(type: string, body: string): Uint8Array {
  const payload = bytesOf(body);
  const bytes = new Uint8Array(5 + payload.length);
  bytes.set(bytesOf(type));
  new DataView(bytes.buffer).setInt32(1, payload.length + 4);
  bytes.set(payload, 5);
  return bytes;
}

function refusal(code: string, text: string): Uint8Array {
  return message("E", `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);
}

Deno.test("PostgreSQL is greeted in protocol 3 with its own length", () => {
  const bytes = postgresGreeting({ user: "ada", database: "shop" });
  const view = new DataView(bytes.buffer);
  assertEquals(view.getInt32(0), bytes.length);
  assertEquals(view.getInt32(4), 196_608);
  assertEquals(
    new TextDecoder().decode(bytes.subarray(8)),
    "user\0ada\0database\0shop\0\0",
  );
});

Deno.test.each(
  [
    ["asks for a password", message("R", "\0\0\0\x0a"), "ready"],
    ["speaks of the protocol", message("v", "\0\0\0\0\0\0\0\0"), "ready"],
    ["does not know the user", refusal("28000", "no"), "ready"],
    ["does not know the database", refusal("3D000", "no"), "ready"],
    ["starts up", refusal("57P03", "is starting up"), "starting"],
    ["shuts down", refusal("57P01", "is shutting down"), "starting"],
    ["is full", refusal("53300", "too many clients"), "refused"],
    ["has another error", message("E", "garbage"), "foreign"],
    ["is cut off", bytesOf("R\0"), "foreign"],
    ["has no answer", bytesOf(""), "foreign"],
    ["speaks HTTP", bytesOf("HTTP/1.1 400 Bad Request\r\n"), "foreign"],
    ["speaks Redis", bytesOf("-ERR unknown command\r\n"), "foreign"],
    ["says E in another language", bytesOf("Error: what?\r\n"), "foreign"],
  ] as const,
)("a server that %s is judged", (_, bytes, kind) => {
  assertEquals(readPostgres(bytes).kind, kind);
});

Deno.test("an error of PostgreSQL is waited for to its end", () => {
  const bytes = refusal("57P03", "the database system is starting up");
  for (let length = 5; length < bytes.length; length++) {
    assert(!isPostgresAnswer(bytes.subarray(0, length)));
  }
  assert(isPostgresAnswer(bytes));
  assert(isPostgresAnswer(message("R", "\0\0\0\0")));
});

Deno.test("Redis is greeted with lengths in bytes", () => {
  assertEquals(
    new TextDecoder().decode(redisGreeting({ password: "grüße" })),
    "*2\r\n$4\r\nAUTH\r\n$7\r\ngrüße\r\n*1\r\n$4\r\nPING\r\n",
  );
  assertEquals(
    new TextDecoder().decode(redisGreeting({ user: "ada", password: "x" })),
    "*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$1\r\nx\r\n*1\r\n$4\r\nPING\r\n",
  );
  assertEquals(
    new TextDecoder().decode(redisGreeting({ user: "ada" })),
    "*1\r\n$4\r\nPING\r\n",
  );
});

Deno.test.each(
  [
    ["+PONG\r\n", "ready"],
    ["+OK\r\n+PONG\r\n", "ready"],
    ["+OK\r\n", "foreign"],
    ["+PON", "foreign"],
    ["-LOADING Redis is loading\r\n", "starting"],
    ["-MASTERDOWN Link is down\r\n", "starting"],
    ["-BUSY Redis is busy\r\n", "starting"],
    ["-NOAUTH Authentication required.\r\n", "refused"],
    ["-WRONGPASS invalid\r\n-NOAUTH required\r\n", "refused"],
    ["-DENIED protected mode\r\n", "refused"],
    ["HTTP/1.1 400 Bad Request\r\n", "foreign"],
    ["", "foreign"],
  ] as const,
)("Redis's answer %j is judged", (text, kind) => {
  assertEquals(readRedis(bytesOf(text)).kind, kind);
});

Deno.test.each(
  [
    ["+OK\r\n", 1, true],
    ["+OK\r\n", 2, false],
    ["+OK\r\n+PO", 2, false],
    ["-NOAUTH\r\n", 1, true],
    ["HTTP/1.1", 2, true],
  ] as const,
)("of %j for %i commands is enough: %s", (text, commands, isEnough) => {
  assertEquals(isRedisAnswer(bytesOf(text), commands), isEnough);
});

Deno.test.each(
  [
    ["HTTP/1.1 200 OK", "an HTTP server"],
    ["SSH-2.0-OpenSSH_9.2", "an SSH server"],
    ["+PONG\r\n", "a Redis server"],
    ["-ERR unknown command\r\n", "a Redis server"],
    ["220 mail.example ESMTP", "a mail or FTP server"],
    ["J\0\0\0\x0a8.0.36", "a MySQL server"],
    ["\x15\x03\x01\0\x02\x02\x16", "a TLS server"],
    ["R\0\0\0\x08\0\0\0\x05", "a PostgreSQL server"],
    ["hello", undefined],
    ["", undefined],
  ] as const,
)("whoever says %j is %s", (text, name) => {
  assertEquals(nameServer(bytesOf(text)), name);
});

Deno.test("no bytes make the reading throw, and no text is more than a line", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    for (const verdict of [readPostgres(bytes), readRedis(bytes)]) {
      if (!("reason" in verdict)) continue;
      assertEquals(printable(verdict.reason), verdict.reason);
    }
    nameServer(bytes);
    isPostgresAnswer(bytes);
    isRedisAnswer(bytes, 2);
  }));
});
