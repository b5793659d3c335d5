import { assertEquals } from "@std/assert";
import { formatBytes } from "./size.ts";

Deno.test.each([
  { bytes: 0, is: "0 bytes" },
  { bytes: 1, is: "1 byte" },
  { bytes: 1023, is: "1023 bytes" },
  { bytes: 1024, is: "1.0 KiB" },
  { bytes: 1536, is: "1.5 KiB" },
  { bytes: 1024 ** 2 - 1, is: "1.0 MiB" },
  { bytes: 5.25 * 1024 ** 3, is: "5.3 GiB" },
  { bytes: 3 * 1024 ** 5, is: "3072.0 TiB" },
])("formatBytes() of $bytes is $is", ({ bytes, is }) => {
  assertEquals(formatBytes(bytes), is);
});
