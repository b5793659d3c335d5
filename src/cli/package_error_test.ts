import { assertEquals } from "@std/assert";
import { explainMissingPackage } from "./package_error.ts";

const URL = "https://registry.example/@stricli/core/-/core-1.3.0.tgz";

Deno.test.each([
  {
    text: "no network",
    message: "Failed caching npm package '@stricli/core@1.3.0'\n" +
      `    0: error sending request for url (${URL}): client error (Connect)\n` +
      "    1: client error (Connect)\n" +
      "    2: tcp connect error\n    3: Connection refused (os error 111)\n" +
      "    at file:///x/src/cli/fold_lines.ts:7:25",
    says: "@stricli/core@1.3.0: Connection refused (os error 111)",
  },
  {
    text: "a proxy's certificate",
    message: 'Failed loading https://registry.example/zod for package "zod"\n' +
      "    0: error sending request\n" +
      "    1: invalid peer certificate: UnknownIssuer",
    says: "zod: invalid peer certificate: UnknownIssuer",
  },
  {
    text: "nothing but the cache",
    message: "Failed caching npm package 'zod@4.6.7'\n    0: npm package not " +
      'found in cache: "zod", --cached-only is specified.',
    says: 'zod@4.6.7: npm package not found in cache: "zod", --cached-only ' +
      "is specified",
  },
  {
    text: "colours",
    message: "\u001b[31mFailed caching\u001b[0m npm package 'zod@4.6.7'",
    says: "zod@4.6.7: Failed caching npm package 'zod@4.6.7'",
  },
])("a package that cannot be fetched for $text is no bug", (row) => {
  const error = explainMissingPackage(new TypeError(row.message));
  assertEquals(error?.message, `Cannot fetch the package ${row.says}`);
  assertEquals(error?.code, "unusable");
});

Deno.test.each([
  { thrown: new TypeError('Module not found "file:///x/missing.ts".') },
  { thrown: new TypeError("x is not a function") },
  { thrown: new Error("Failed caching npm package 'zod@4.6.7'") },
  { thrown: "Failed caching npm package 'zod@4.6.7'" },
])("$thrown stays what it is", ({ thrown }) => {
  assertEquals(explainMissingPackage(thrown), undefined);
});
