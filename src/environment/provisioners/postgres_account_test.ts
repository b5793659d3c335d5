import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { KnownError } from "../../errors.ts";
import { createFakeHost, ended } from "#support/fake_host.ts";
import {
  type AccountFacts,
  chooseAccount,
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

const ADA = "ada:x:1000:1001::/home/ada:/bin/sh\n";
const POSTGRES = `root:x:0:0::/root:/bin/sh\n${ADA}postgres:x:99:98::/:/x\n`;

Deno.test.each(
  [
    ["an ordinary user", { uid: 1000 }, "own"],
    ["an ordinary user with data", { uid: 1000, dataUid: 1000 }, "own"],
    ["somebody on Windows", { uid: undefined, os: "windows" }, "own"],
    ["root", {}, "65534:65533"],
    ["root without a list of users", { passwd: "" }, "65534:65534"],
    ["root in a repository of ada", { repositoryUid: 1000 }, "1000:1001"],
    ["an ordinary user who is listed", { uid: 1000, passwd: ADA }, "own"],
    ["an ordinary user, no list", { uid: 7, passwd: "" }, "own"],
    ["an unlisted user with data", { uid: 7, dataUid: 7 }, "own"],
    ["root in one of nobody known", { repositoryUid: 7 }, "65534:65533"],
    ["root in one of root", { repositoryUid: 0 }, "65534:65533"],
    ["root without nobody", { passwd: POSTGRES }, "99:98"],
    ["root with data of nobody known", { dataUid: 7 }, "7:7"],
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
    [{ uid: 7 }, /user 7 has none/],
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

Deno.test.each(
  [
    ["names a user of the network", "eve:x:7:8::/:/bin/sh\n", "7:8"],
    ["names nobody", "", "65534:65534"],
  ] as const,
)(
  "root in a repository of user 7 asks getent, which %s",
  async (_, answer, expected) => {
    const host = createFakeHost({ uid: 0 });
    host.world.disk.put(
      "/etc/passwd",
      "root:x:0:0::/:/x\nnobody:x:65534:65534\n",
    );
    host.world.disk.put("/usr/bin/setpriv", "", { mode: 0o755 });
    host.world.disk.putDirectory("/code");
    host.world.disk.setOwner("/code", 7);
    host.world.onRun = () => ended(answer === "" ? 2 : 0, answer);
    const account = await chooseAccount(host, "/code", undefined);
    assertEquals(
      account.kind === "own" ? "own" : `${account.uid}:${account.gid}`,
      expected,
    );
    assertEquals(host.world.runs.map(({ args }) => args), [["passwd", "7"]]);
  },
);

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
