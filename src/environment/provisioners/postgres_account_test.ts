import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { KnownError } from "../../errors.ts";
import {
  type AccountFacts,
  pickAccount,
  postgresWords,
} from "./postgres_account.ts";

const BASE: AccountFacts = {
  uid: 0,
  dataUid: undefined,
  repositoryUid: 0,
  setpriv: "/usr/bin/setpriv",
  passwd: "root:x:0:0::/root:/bin/sh\nada:x:1000:1001::/home/ada:/bin/sh\n" +
    "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n",
  os: "linux",
};

Deno.test.each(
  [
    ["an ordinary user", { uid: 1000 }, "own"],
    ["an ordinary user with data", { uid: 1000, dataUid: 1000 }, "own"],
    ["somebody on Windows", { uid: undefined, os: "windows" }, "own"],
    ["root", {}, "65534:65533"],
    ["root without a list of users", { passwd: "" }, "65534:65534"],
    ["root in a repository of ada", { repositoryUid: 1000 }, "1000:1001"],
    ["root in one of nobody known", { repositoryUid: 7 }, "7:7"],
    ["root in an unknown one", { repositoryUid: undefined }, "65534:65533"],
    ["root with data of ada", { dataUid: 1000 }, "1000:1001"],
    [
      "root with data of ada elsewhere",
      { dataUid: 1000, repositoryUid: 7 },
      "1000:1001",
    ],
  ] satisfies readonly (readonly [string, Partial<AccountFacts>, string])[],
)("%s", (_, facts, expected) => {
  const account = pickAccount({ ...BASE, ...facts });
  assertEquals(
    account.kind === "own" ? "own" : `${account.uid}:${account.gid}`,
    expected,
  );
});

Deno.test.each(
  [
    [{ uid: 1000, dataUid: 7 }, /belongs to user 7, and we are 1000/],
    [{ dataUid: 0 }, /belongs to root/],
    [{ setpriv: undefined }, /never runs as root/],
    [{ os: "darwin" }, /never runs as root/],
  ] satisfies readonly (readonly [Partial<AccountFacts>, RegExp])[],
)("with %j it is refused", (facts, message) => {
  const error = assertThrows(
    () => pickAccount({ ...BASE, ...facts }),
    KnownError,
  );
  assertMatch(error.message, message);
});

Deno.test("another user gets the opened directory, not its path", () => {
  const words = (path: string) => ["postgres", "-D", path] as const;
  assertEquals(postgresWords({ kind: "own" }, "/d", words), [
    "postgres",
    "-D",
    "/d",
  ]);
  const other = postgresWords(
    { kind: "other", uid: 7, gid: 8, setpriv: "setpriv" },
    "/a b'$(c)",
    words,
  );
  assertEquals(other.slice(3), [
    "/a b'$(c)",
    ...["setpriv", "--reuid", "7", "--regid", "8", "--clear-groups"],
    ...["postgres", "-D", "/proc/self/fd/9"],
  ]);
});
