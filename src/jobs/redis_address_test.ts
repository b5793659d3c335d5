import { assert, assertEquals, assertThrows } from "@std/assert";
import { KnownError } from "../errors.ts";
import { parseRedisAddress } from "./redis_address.ts";

Deno.test("parseRedisAddress() reads every part", () => {
  assertEquals(parseRedisAddress("rediss://me%40x@queue.example:6380/2"), {
    host: "queue.example",
    port: 6380,
    db: 2,
    tls: true,
    username: "me@x",
    place: "rediss://queue.example:6380/2",
  });
});

Deno.test.each([
  { url: "redis://h", place: "redis://h:6379", host: "h" },
  { url: "redis://h/", place: "redis://h:6379", host: "h" },
  { url: "redis://h:1/0", place: "redis://h:1", host: "h" },
  { url: "redis://[::1]:7", place: "redis://[::1]:7", host: "::1" },
  { url: "redis://user@h:7/3", place: "redis://h:7/3", host: "h" },
])("parseRedisAddress() shows $url as a place", ({ url, place, host }) => {
  const address = parseRedisAddress(url);
  assertEquals([address.place, address.host], [place, host]);
});

Deno.test.each([
  { url: "planted", why: "is not a URL" },
  { url: "http://planted", why: "must begin with redis:// or rediss://" },
  { url: "redis://:planted@h", why: "must not hold a password" },
  { url: "redis://u:planted@h", why: "must not hold a password" },
  { url: "redis:///1", why: "names no host" },
  { url: "redis://h/planted", why: "must end with the number of a database" },
  { url: "redis://h/1/2", why: "must end with the number of a database" },
  { url: "redis://h/123456", why: "must end with the number of a database" },
  { url: "redis://h?planted=1", why: "must not have a query" },
  { url: "redis://h#planted", why: "must not have a query" },
  { url: "redis://%ff@h", why: "has a user that is not encoded" },
])("parseRedisAddress() refuses $url without repeating it", ({ url, why }) => {
  const error = assertThrows(() => parseRedisAddress(url), KnownError);
  assertEquals(error.code, "usage");
  assert(error.message.includes(why), error.message);
  assert(!/planted/.test(error.message + error.hint));
});
