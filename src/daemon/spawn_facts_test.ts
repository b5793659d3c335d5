import { assertEquals } from "@std/assert";
import { FAMILIES } from "./family.ts";
import { readSpawn, redactArgv } from "./spawn_facts.ts";

const REEVE = "--reeve-daemon-root=/s";
const KITTY = "--spec-kitty-daemon-root=/k";
const SCRIPT = "from x import y; run_sync_daemon(9412, 'abc')";

Deno.test.each([
  {
    name: "our shape",
    argv: ["deno", "run", "main.ts", "daemon", "run", REEVE],
    family: "reeve/sync",
    marker: "/s",
  },
  {
    name: "a compiled one",
    argv: ["reeve", "daemon", "run", REEVE],
    family: "reeve/sync",
    marker: "/s",
  },
  {
    name: "spaces and = in the root",
    argv: ["reeve", "daemon", "run", "--reeve-daemon-root=/a b=c"],
    family: "reeve/sync",
    marker: "/a b=c",
  },
  {
    name: "an empty marker",
    argv: ["reeve", "daemon", "run", "--reeve-daemon-root="],
    family: "reeve/sync",
    marker: undefined,
  },
  {
    name: "no marker",
    argv: ["reeve", "daemon", "run"],
    family: "reeve/sync",
    marker: undefined,
  },
  {
    name: "a marker elsewhere",
    argv: [REEVE, "daemon", "run", "x", REEVE],
    family: "reeve/sync",
    marker: undefined,
  },
  {
    name: "words apart",
    argv: ["daemon", "x", "run", REEVE],
    family: undefined,
    marker: undefined,
  },
  {
    name: "one joined word",
    argv: ["x", "daemon run", REEVE],
    family: undefined,
    marker: undefined,
  },
  {
    name: "words twice",
    argv: ["daemon", "run", "daemon", "run", REEVE],
    family: "reeve/sync",
    marker: "/s",
  },
  {
    name: "our dashboard",
    argv: ["reeve", "dashboard", "run", REEVE],
    family: "reeve/dashboard",
    marker: "/s",
  },
  {
    name: "the Python shape",
    argv: ["python", "-c", SCRIPT, KITTY, "--spec-kitty-daemon-exec=/p"],
    family: "spec-kitty/sync",
    marker: "/k",
  },
  {
    name: "the first of two markers",
    argv: ["python", "-c", SCRIPT, KITTY, "--spec-kitty-daemon-root=/z"],
    family: "spec-kitty/sync",
    marker: "/k",
  },
  {
    name: "Python without a marker",
    argv: ["python", "-c", SCRIPT],
    family: "spec-kitty/sync",
    marker: undefined,
  },
  {
    name: "a script path with the word",
    argv: ["python", "/run_sync_daemon.py", KITTY],
    family: undefined,
    marker: undefined,
  },
  {
    name: "an editor on the source",
    argv: ["vim", "run_sync_daemon(9400, 'x')"],
    family: undefined,
    marker: undefined,
  },
  {
    name: "the Python dashboard",
    argv: ["python", "-c", "run_dashboard_server(p, 9240, None)"],
    family: "spec-kitty/dashboard",
    marker: undefined,
  },
  { name: "nothing", argv: [], family: undefined, marker: undefined },
])("readSpawn() of $name", ({ argv, family, marker }) => {
  const reading = readSpawn(argv, FAMILIES);
  const found = reading.family;
  assertEquals(found && `${found.product}/${found.name}`, family);
  assertEquals(reading.marker, marker);
});

Deno.test("readSpawn() finds port and token of the Python shape", () => {
  const reading = readSpawn(["p", "-c", SCRIPT, KITTY], FAMILIES);
  assertEquals([reading.port, reading.token], [9412, "abc"]);
});

Deno.test("redactArgv() leaves no secret and keeps the rest", () => {
  const shown = redactArgv([
    "python",
    "run_sync_daemon(9412, 'abc')",
    "--token=s3cret",
    "36aeeaca1c580397e4a535a311ab974f",
    KITTY,
  ]);
  assertEquals(shown, [
    "python",
    "run_sync_daemon(9412, '<redacted>')",
    "--token=<redacted>",
    "<redacted>",
    KITTY,
  ]);
});
