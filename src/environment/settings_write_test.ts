import { assert, assertEquals, assertRejects } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { BLOCK_END, BLOCK_START, writeBlock } from "./managed_block.ts";
import { loadSettings } from "./settings_load.ts";
import { readEnvironmentSettings } from "./settings_read.ts";
import { changeSettings, saveSettings } from "./settings_write.ts";

const ROOT = "/r";
const FILE = "/r/.reeve";
const PROJECT = { root: ROOT, file: FILE };
const API = "REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD='deno task dev'\n";

function hostWith(files: Readonly<Record<string, string>>) {
  const host = createFakeHost();
  for (const [path, text] of Object.entries(files)) {
    host.world.disk.put(path, text);
  }
  return host;
}

function settingsOf(text: string) {
  return readEnvironmentSettings({
    env: { get: () => undefined },
    file: { path: FILE, text },
  }).settings;
}

Deno.test("changeSettings() makes a service of several keys at once", async () => {
  const host = hostWith({});
  const changes = [
    { name: "REEVE_SERVICE_API_CMD", value: "deno task dev" },
    { name: "REEVE_SERVICE_API_PORT", value: "8000" },
    { name: "REEVE_SERVICES", value: "api" },
  ];
  assertEquals(
    await changeSettings(host, { root: ROOT }, changes),
    "changed",
  );
  assertEquals(
    host.world.disk.textOf(FILE),
    "REEVE_SERVICE_API_CMD='deno task dev'\nREEVE_SERVICE_API_PORT=8000\n" +
      "REEVE_SERVICES=api\n",
  );
  assertEquals(
    await changeSettings(host, PROJECT, changes),
    "unchanged",
  );
});

Deno.test("changeSettings() changes lines in their place and keeps the block complete", async () => {
  const block = writeBlock("", settingsOf(API));
  const host = hostWith({ [FILE]: `# mine\n${block}# end` });
  await changeSettings(host, PROJECT, [
    { name: "REEVE_SERVICE_API_PORT", value: "8000" },
    { name: "REEVE_SERVICE_API_ENV__A", value: "b c" },
    { name: "REEVE_SERVICE_API_GRACE", value: undefined },
  ]);
  assertEquals(
    host.world.disk.textOf(FILE),
    `# mine\n${
      block.replace("API_PORT=''", "API_PORT=8000")
        .replace(BLOCK_END, `REEVE_SERVICE_API_ENV__A='b c'\n${BLOCK_END}`)
    }# end`,
  );
});

Deno.test.each([
  {
    name: "a value that the key does not take",
    change: { name: "REEVE_SERVICE_API_PORT", value: "x" },
    message: "Cannot set REEVE_SERVICE_API_PORT: " +
      "it must be a whole number from 1 to 65535, or empty",
    hint: "Nothing was written. Give it a value that it takes.",
  },
  {
    name: "an unknown key",
    change: { name: "REEVE_SERVICE_API_PROT", value: "1" },
    message: "Cannot set REEVE_SERVICE_API_PROT: there is no such key",
    hint: "Did you mean REEVE_SERVICE_API_PORT?",
  },
  {
    name: "a key of no service",
    change: { name: "REEVE_SERVICE_ALTOGETHER_OTHER_CMD", value: "1" },
    message:
      "Cannot set REEVE_SERVICE_ALTOGETHER_OTHER_CMD: there is no such key",
    hint: "A service must be in REEVE_SERVICES; see: reeve show-config",
  },
  {
    name: "a service without a command",
    change: { name: "REEVE_SERVICES", value: "api,web" },
    message: "Cannot set REEVE_SERVICE_WEB_CMD: service web needs a command",
    hint: "Nothing was written. Set REEVE_SERVICE_WEB_CMD in the same command.",
  },
  {
    name: "a key that something else needs",
    change: { name: "REEVE_SERVICE_API_CMD", value: undefined },
    message: "Cannot set REEVE_SERVICE_API_CMD: service api needs a command",
    hint: "Nothing was written. Give it a value that it takes.",
  },
  {
    name: "a value of two lines",
    change: { name: "REEVE_SERVICE_API_ENV__A", value: "a\nb" },
    message: "Cannot save REEVE_SERVICE_API_ENV__A: " +
      "its value does not fit on one line of text",
    hint: "Take line breaks and unreadable letters out of it.",
  },
])("changeSettings() refuses $name", async ({ change, message, hint }) => {
  const host = hostWith({ [FILE]: API });
  const error = await assertRejects(
    () => changeSettings(host, PROJECT, [change]),
    KnownError,
  );
  assertEquals([error.code, error.message, error.hint], [
    "usage",
    message,
    hint,
  ]);
  assertEquals(host.world.disk.textOf(FILE), API);
});

Deno.test("changeSettings() mends one fault while another stays", async () => {
  const text = `${API}REEVE_DEFAULT_MODE=x\nREEVE_SERVICE_API_PORT=y\n`;
  const host = hostWith({ [FILE]: text });
  await changeSettings(host, PROJECT, [
    { name: "REEVE_DEFAULT_MODE", value: "trees" },
  ]);
  assertEquals(
    host.world.disk.textOf(FILE),
    text.replace("MODE=x", "MODE=trees"),
  );
});

Deno.test("saveSettings() writes the block once", async () => {
  const host = hostWith({ [FILE]: `# mine\n${API}` });
  const settings = settingsOf(API);
  assertEquals(await saveSettings(host, PROJECT, settings), "changed");
  const text = host.world.disk.textOf(FILE) ?? "";
  assertEquals(text, writeBlock(`# mine\n${API}`, settings));
  assertEquals(settingsOf(text), settings);
  assertEquals(await saveSettings(host, PROJECT, settings), "unchanged");
});

Deno.test("saveSettings() leaves lines that contradict, unless it may not", async () => {
  const own = `# mine\nREEVE_DEFAULT_MODE=main\nA=1\n`;
  const host = hostWith({ [FILE]: own });
  const settings = { ...settingsOf(API), defaultMode: "trees" as const };
  const error = await assertRejects(
    () => saveSettings(host, PROJECT, settings),
    KnownError,
  );
  assertEquals(
    error.message,
    "Cannot save the settings: /r/.reeve line 2 sets REEVE_DEFAULT_MODE to " +
      "something else",
  );
  assertEquals(host.world.disk.textOf(FILE), own);
  await saveSettings(host, PROJECT, settings, { mayRemoveLines: true });
  const text = host.world.disk.textOf(FILE) ?? "";
  assertEquals(text, writeBlock("# mine\nA=1\n", settings));
  const other = { ...settings, defaultMode: "main" as const };
  await saveSettings(host, PROJECT, other, { mayRemoveLines: true });
  assertEquals(settingsOf(host.world.disk.textOf(FILE) ?? ""), other);
});

Deno.test("saveSettings() refuses settings that could not be read again", async () => {
  const host = hostWith({ [FILE]: "A=1\n" });
  const settings = { ...settingsOf(API), publicHost: "not a host" };
  const error = await assertRejects(
    () => saveSettings(host, PROJECT, settings),
    KnownError,
  );
  assertEquals(error.code, "usage");
  assertEquals(host.world.disk.textOf(FILE), "A=1\n");
});

Deno.test("loadSettings() takes the file, else what is there", async () => {
  const packageJson = '{"scripts":{"dev":"vite"}}';
  const host = hostWith({
    [FILE]: API,
    "/r/.envctl": "ENVCTL_DEFAULT_MODE=trees\n",
    "/r/package.json": packageJson,
    "/r/compose.yaml": "",
  });
  const own = await loadSettings(host, PROJECT);
  assertEquals([own.source, own.notes], ["file", []]);
  const legacy = await loadSettings(host, { root: ROOT });
  assertEquals(legacy.source, "legacy");
  assertEquals(legacy.settings.defaultMode, "trees");
  assertEquals(legacy.settings.services.map(({ slug }) => slug), ["web"]);
  host.world.disk.put("/r/.envctl", "");
  const detected = await loadSettings(host, { root: ROOT });
  assertEquals([detected.source, detected.faults], ["detected", []]);
  assertEquals(
    detected.settings.services.map(({ slug, command, portBase }) => ({
      slug,
      command: command.join(" "),
      portBase,
    })),
    [{
      slug: "web",
      command: "npm run dev -- --port {port} --strictPort",
      portBase: 5173,
    }],
  );
  assertEquals(detected.origins.get("REEVE_SERVICE_WEB_CMD"), {
    source: "detected",
    where: "package.json script dev",
  });
  assertEquals(detected.notes.length, 1);
});

Deno.test("loadSettings() fills in a command that the file leaves out", async () => {
  const host = hostWith({
    [FILE]: "REEVE_SERVICES=web\nREEVE_SERVICE_WEB_PORT=4000\n",
    "/r/package.json": '{"scripts":{"dev":"vite"}}',
  });
  const { settings, faults } = await loadSettings(host, PROJECT);
  assertEquals(faults, []);
  assertEquals(settings.services[0]?.portBase, 4000);
  assert(settings.services[0]?.command.includes("--strictPort"));
});

Deno.test("loadSettings() takes nothing from a suggestion beside a command", async () => {
  const host = hostWith({
    [FILE]: "REEVE_SERVICES=web\nREEVE_SERVICE_WEB_CMD=x\n",
    "/r/package.json": '{"scripts":{"dev":"vite"}}',
  });
  const { settings } = await loadSettings(host, PROJECT);
  assertEquals(settings.services[0]?.portBase, undefined);
});

Deno.test("loadSettings() never takes a file that it cannot read for none", async () => {
  const host = hostWith({ [FILE]: "#".repeat(300_000) });
  const error = await assertRejects(
    () => loadSettings(host, PROJECT),
    KnownError,
  );
  assertEquals([error.code, error.message], [
    "unreadable",
    "Cannot use /r/.reeve: too large",
  ]);
});

Deno.test("a block begins and ends with its marks", () => {
  const text = writeBlock("", settingsOf(""));
  assert(
    text.startsWith(`${BLOCK_START}\n`) && text.endsWith(`${BLOCK_END}\n`),
  );
});
