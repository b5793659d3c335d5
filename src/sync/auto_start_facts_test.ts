import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { PROJECT_ID, ROOT } from "#support/tasks.ts";
import { autoStartFacts } from "./auto_start_facts.ts";
import { findPlace } from "./project_sync.ts";

const LINE = `REEVE_PROJECT_ID=${PROJECT_ID}\n`;

interface Scene {
  /** Text of the project's file, if there is one. */
  readonly project?: string | undefined;
  /** Text of the person's settings. */
  readonly config?: string;
  /** Variables. */
  readonly env?: Readonly<Record<string, string>>;
}

function factsOf({ project, config, env = {} }: Scene) {
  const host = createFakeHost({ env });
  const { disk } = host.world;
  if (project !== undefined) disk.put("/home/ada/code/.reeve", project);
  if (config !== undefined) disk.put(`${ROOT}/config.json`, config);
  return autoStartFacts(host.env, findPlace(host), "remote");
}

Deno.test("autoStartFacts() of a plain project finds nothing in the way", () => {
  assertEquals(factsOf({ project: LINE }), {
    isDisabled: false,
    intent: "remote",
    hasProject: true,
    configFault: undefined,
    autoStart: undefined,
  });
});

Deno.test.each([
  { value: "1", is: true },
  { value: "true", is: true },
  { value: " YES ", is: true },
  { value: "on", is: true },
  { value: "0", is: false },
  { value: "false", is: false },
  { value: "perhaps", is: false },
])("autoStartFacts() takes REEVE_SYNC_DISABLE=$value for $is", (row) => {
  const env = { REEVE_SYNC_DISABLE: row.value };
  assertEquals(factsOf({ project: LINE, env }).isDisabled, row.is);
});

Deno.test.each([
  { name: "no file", project: undefined, has: false, isFaulty: false },
  { name: "no identity", project: "# nothing\n", has: false, isFaulty: false },
  {
    name: "an identity that is none",
    project: "REEVE_PROJECT_ID=x\n",
    has: true,
    isFaulty: true,
  },
])("autoStartFacts() of a project with $name", (row) => {
  const { hasProject, configFault } = factsOf({ project: row.project });
  assertEquals([hasProject, configFault !== undefined], [
    row.has,
    row.isFaulty,
  ]);
});

Deno.test.each([
  { config: "{", isFaulty: true },
  { config: '{"schema_version":1,"sync":{"mode":"x"}}', isFaulty: true },
  { config: '{"schema_version":1,"sync":{"server_url":5}}', isFaulty: true },
  { config: '{"schema_version":1,"sync":{"auto_start":5}}', isFaulty: true },
  // What decides nothing about leaving closes no way.
  { config: '{"schema_version":1,"sync":{"retain_days":-1}}', isFaulty: false },
  { config: '{"schema_version":1,"sync":{}}', isFaulty: false },
])("autoStartFacts() with the settings $config", ({ config, isFaulty }) => {
  const { configFault } = factsOf({ project: LINE, config });
  assertEquals(configFault !== undefined, isFaulty);
});

Deno.test("autoStartFacts() prefers the project's word to the person's", () => {
  const config = '{"schema_version":1,"sync":{"auto_start":true}}';
  const project = `${LINE}REEVE_SYNC_AUTO_START=false\n`;
  const words = [project, LINE].map((text) =>
    factsOf({ project: text, config }).autoStart
  );
  assertEquals(words, [false, true]);
});
