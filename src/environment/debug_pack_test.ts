import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import { runOf } from "#support/environment_runs.ts";
import { KnownError } from "../errors.ts";
import {
  environmentsDirectory,
  latestPath,
  runPaths,
} from "../state/environment_paths.ts";
import { artifactsOf } from "./artifacts.ts";
import { formsOf } from "./debug_encodings.ts";
import { isPlace } from "./debug_names.ts";
import { lastBundle, packBundle, refuseSecrets } from "./debug_pack.ts";
import { makeRedactor } from "./debug_redact.ts";
import { packFiles, unpackFiles } from "./debug_zip.ts";
import { appendEvents } from "./event_file.ts";
import { type EnvironmentPlace, openEnvironment } from "./place.ts";

const ROOT = "/home/ada/code";
const EXTRAS = {
  settings: {},
  faults: [],
  health: undefined,
  unwell: [],
  doctor: undefined,
  notes: [],
};
const REQUEST = {
  runId: undefined,
  outputDirectory: undefined,
  extras: EXTRAS,
};

async function placeOf(
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly host: FakeHost; readonly place: EnvironmentPlace }> {
  const host = createFakeHost({ startMs: Date.UTC(2026, 0, 2), env });
  host.world.disk.put(`${ROOT}/.git/HEAD`, "ref: refs/heads/main\n");
  host.world.disk.put(`${ROOT}/.reeve`, "REEVE_SERVICES=\n");
  const place = await openEnvironment(host, { cwd: ROOT });
  return { host, place };
}

function bytesAt(host: FakeHost, path: string): Uint8Array {
  const text = host.world.disk.textOf(path) ?? "";
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

async function textsIn(host: FakeHost, path: string) {
  const files = await unpackFiles(bytesAt(host, path));
  return new Map(files.map(({ path, text }) => [path, text]));
}

Deno.test("a bundle without anything says what is missing", async () => {
  const { host, place } = await placeOf();
  assertEquals(await lastBundle(host, place), { kind: "none" });
  const packed = await packBundle(host, place, REQUEST);
  assertEquals(packed.runId, undefined);
  const files = await textsIn(host, packed.path);
  assertEquals([...files.keys()].toSorted(), [
    "bundle.json",
    "diagnostics.json",
    "events.recorder.jsonl",
    "events.runtime.redacted.jsonl",
    "invocations.json",
    "manifest.json",
    "settings.json",
    "summary.md",
    "timeline.jsonl",
  ]);
  const { missing } = JSON.parse(files.get("bundle.json") ?? "");
  assertEquals(missing, [...packed.notes]);
  assert(missing.includes("No event is recorded."), `${missing}`);
  const last = await lastBundle(host, place);
  assertEquals(last.kind === "found" && last.path, packed.path);
  host.blocking.remove(packed.path);
  assertEquals((await lastBundle(host, place)).kind, "gone");
});

Deno.test("secrets of any place are in no file of a bundle", async () => {
  const secret = fc.string({ minLength: 8, maxLength: 30, unit: "grapheme" })
    .filter((text) => /^[^\s"'$\\]+$/u.test(text) && text.isWellFormed());
  await fc.assert(
    fc.asyncProperty(
      fc.array(secret, { minLength: 6, maxLength: 6 }).filter(
        // What an .env file says of a place counts as no secret.
        ([, , file = ""]) => !isPlace("ANY", file),
      ),
      fc.nat(50),
      async (values, seed) => {
        const [variable = "", setting = "", file = "", password = ""] = values;
        const [token = "", address = ""] = values.slice(4);
        const { host, place: first } = await placeOf({ API_TOKEN: variable });
        const { disk } = host.world;
        const hidden = encodeURIComponent(address);
        disk.putDirectory(environmentsDirectory(first.paths), 0o700);
        disk.putDirectory(first.paths.directory, 0o700);
        disk.put(
          `${ROOT}/.reeve`,
          `MY_SECRET='${setting}'\nREEVE_INHERIT_ENV=API_TOKEN\n`,
        );
        disk.put(`${ROOT}/.env.local`, `ANY="${file}"\n`);
        const { data } = first.paths;
        disk.put(`${data}/Main/postgres/password`, `${password}\n`);
        const session = `${first.paths.root}/auth/session.json`;
        disk.put(session, JSON.stringify({ a: { "access_token": token } }));
        const place = await openEnvironment(host, { cwd: ROOT });
        const all = values.map((value) => {
          const forms = formsOf(value);
          return forms[seed % forms.length] ?? value;
        });
        await fill(host, place, [...all, ...values], hidden);
        const packed = await packBundle(host, place, REQUEST);
        for (const [name, text] of await textsIn(host, packed.path)) {
          for (const form of values.slice(0, 5).flatMap(formsOf)) {
            assert(!text.includes(form), `${form} in ${name}`);
            assert(!name.includes(form), `${form} as ${name}`);
          }
          assert(!text.includes(hidden), `${address} in ${name}`);
        }
      },
    ),
    { numRuns: 40, endOnFailure: true },
  );
});

/** Puts words wherever a bundle looks. */
async function fill(
  host: FakeHost,
  { paths }: EnvironmentPlace,
  words: readonly string[],
  hidden: string,
): Promise<void> {
  const { disk } = host.world;
  const run = runOf(1, ["Main"]);
  const failed = { ...run, failure: `It said: ${words.join(" ")}` };
  const texts = artifactsOf(paths.scope, failed, 0);
  disk.put(latestPath(paths, "run_state"), texts.run_state);
  disk.put(latestPath(paths, "runtime_map"), `broken ${words.join("\n")}`);
  const { logs } = runPaths(paths, run.runId);
  const lines = words.map((word) => `said ${word} {"a":"${word}"}`);
  disk.put(
    `${logs}/Main_${encodeURIComponent(words[0] ?? "")}.log`,
    `${lines.join("\n")}\nat db://bob:${hidden}@host and ${hidden}\n`,
  );
  await appendEvents(
    host,
    paths,
    words.map((word) => ({
      name: "cleanup.kept",
      trace: "t",
      fields: { project: word, unit: "api", reason: `x${word}y` },
    })),
  );
}

Deno.test("what somebody could guess from its hash is hashed anew", async () => {
  const { host, place } = await placeOf();
  const hash = "f".repeat(64);
  await appendEvents(host, place.paths, [
    { name: "service.launch", trace: "t", fields: { "argv_hash": hash } },
    { name: "stranger", trace: "t", fields: { surprise: "not-declared" } },
  ]);
  const packed = await packBundle(host, place, REQUEST);
  const files = await textsIn(host, packed.path);
  const events = files.get("events.runtime.redacted.jsonl") ?? "";
  assert(events.includes('"argv_hash":"hash:'), events);
  for (const text of files.values()) {
    assert(!text.includes(hash) && !text.includes("not-declared"), text);
  }
});

Deno.test("the last look refuses a file or a name with a known secret", () => {
  const redactor = makeRedactor({
    secrets: [{ origin: "a test", value: "known-secret" }],
    home: undefined,
    salt: "",
  });
  const clean = { path: "a.json", text: "{}" };
  refuseSecrets([clean], redactor);
  for (
    const file of [
      { ...clean, text: btoa("known-secret") },
      { ...clean, path: "known-secret.log" },
    ]
  ) {
    const error = assertThrows(
      () => refuseSecrets([clean, file], redactor),
      KnownError,
      "still holds a test",
    );
    assert(!error.message.includes("known-secret"));
  }
});

Deno.test("a full disk leaves nothing half", async () => {
  const { host, place } = await placeOf();
  host.world.disk.fail(() => true, "no_space", { operation: "writeAtomic" });
  const error = await assertRejects(
    () => packBundle(host, place, REQUEST),
    KnownError,
    "no space",
  );
  assert(error.hint?.includes("--output-dir"));
  assertEquals((await lastBundle(host, place)).kind, "none");
});

Deno.test("only a run that is there can be packed", async () => {
  const { host, place } = await placeOf();
  for (const runId of ["../..", "run-20260102030405-00000001"]) {
    await assertRejects(
      () => packBundle(host, place, { ...REQUEST, runId }),
      KnownError,
      "There is no run",
    );
  }
});

Deno.test("a few bundles are kept", async () => {
  const { host, place } = await placeOf();
  const paths: string[] = [];
  for (let at = 0; at < 7; at++) {
    paths.push((await packBundle(host, place, REQUEST)).path);
    host.world.clock.advance(1000);
  }
  const left = paths.filter((path) => host.blocking.stat(path) !== undefined);
  assertEquals(left, paths.slice(-5));
});

Deno.test("the same files give the same bytes in any order", async () => {
  const files = [{ path: "b", text: "2" }, { path: "a/c", text: "ä" }];
  const bytes = await packFiles(files);
  assertEquals(await packFiles(files.toReversed()), bytes);
  assertEquals((await unpackFiles(bytes)).toReversed(), files);
});
