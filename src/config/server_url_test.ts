import { assertEquals } from "@std/assert";
import { parseServerUrl } from "./server_url.ts";

Deno.test.each([
  { text: "https://Sync.Example.com", is: "https://sync.example.com" },
  { text: "https://a.b:443/", is: "https://a.b" },
  { text: "https://a.b/c//", is: "https://a.b/c" },
  { text: "https://a.b/c/@d", is: "https://a.b/c/@d" },
  { text: "http://localhost:8080", is: "http://localhost:8080" },
  { text: "http://127.0.0.1:8080/x", is: "http://127.0.0.1:8080/x" },
  { text: "http://[::1]:8080", is: "http://[::1]:8080" },
  { text: "http://127.1", is: "http://127.0.0.1" },
  { text: "http://a.b", is: undefined },
  { text: "http://localhost.a.b", is: undefined },
  { text: "http://127.0.0.1.a.b", is: undefined },
  { text: "http://0.0.0.0", is: undefined },
  { text: "ftp://a.b", is: undefined },
  { text: "wss://a.b", is: undefined },
  { text: "a.b", is: undefined },
  { text: "https:a.b", is: undefined },
  { text: "https:///a.b", is: undefined },
  { text: "https://", is: undefined },
  { text: "https://user@a.b", is: undefined },
  { text: "https://user:secret@a.b", is: undefined },
  { text: "https://@a.b", is: undefined },
  { text: "http://localhost@a.b", is: undefined },
  { text: "https://a.b?c", is: undefined },
  { text: "https://a.b/#c", is: undefined },
  { text: "https://a.b\\@c", is: undefined },
  { text: "https://a.\nb", is: undefined },
  { text: "https://a b", is: undefined },
  { text: "", is: undefined },
])("parseServerUrl() of '$text' is $is", ({ text, is }) => {
  assertEquals(parseServerUrl(text), is);
});
