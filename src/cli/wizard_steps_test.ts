import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  enterAll,
  factsFor,
  ONE,
  PATH,
  play,
  settingsAfter,
  settingsOf,
  TWO,
} from "#support/wizard_story.ts";
import { readText, settledText } from "../environment/settings_change.ts";
import { firstState } from "./wizard_state.ts";
import { answer } from "./wizard_steps.ts";

Deno.test.each([
  {
    name: "two services and a dependency",
    text: TWO,
    prompts: [
      "Begin with [current]:",
      "Mode of a command that names none, main or trees [main]:",
      "Services and dependencies of the main checkout [api,web,redis]:",
      "Those of worktrees [api,web,redis]:",
      "Directory of the worktrees [trees]:",
      "Directory of api [.]:",
      "Directory of web [.]:",
      "Command of api [a]:",
      "Command of web [w]:",
      "Port of api [8000]:",
      "Port of web [none]:",
      "Port of redis [6379]:",
      "Write this to /r/.reeve [y/N]:",
    ],
  },
  {
    name: "one service, which is asked whether it keeps running",
    text: ONE + "REEVE_SERVICE_API_MODES=main\n",
    prompts: [
      "Begin with [current]:",
      "Mode of a command that names none, main or trees [main]:",
      "Services and dependencies of the main checkout [api]:",
      "Those of worktrees [none]:",
      "Does api keep running, y or n [y]:",
      "Does api listen on a port, y or n [n]:",
      "Directory of api [.]:",
      "Command of api [deno task dev]:",
      "Write this to /r/.reeve [y/N]:",
    ],
  },
  {
    name: "an external dependency, which has no port to choose",
    text: "REEVE_DEPENDENCIES=redis,supabase\n" +
      "REEVE_DEPENDENCY_REDIS_MODE=external\n" +
      "REEVE_DEPENDENCY_REDIS_URL=redis://h:1\n" +
      "REEVE_DEPENDENCY_SUPABASE_MODES=main\n",
    prompts: [
      "Begin with [current]:",
      "Mode of a command that names none, main or trees [main]:",
      "Services and dependencies of the main checkout [redis,supabase]:",
      "Those of worktrees [redis]:",
      "Directory of the worktrees [trees]:",
      "Port of supabase api [54321]:",
      "Port of supabase db [5432]:",
      "Write this to /r/.reeve [y/N]:",
    ],
  },
])("the wizard asks about $name", ({ text, prompts }) => {
  const facts = factsFor(text);
  const { prompts: asked, state } = enterAll(facts, firstState(facts));
  assertEquals([...asked], [...prompts]);
  assertEquals(state.settings, settingsOf(text), "Enter changes nothing");
});

const START = ["", "", ""];
const TO_PORTS = [...START, "", "", "", "", "", ""];

Deno.test.each([
  { answers: ["old"], says: "Answer current or detected or empty." },
  { answers: ["", "maine"], says: "Answer main or trees." },
  { answers: ["", "", "redsi"], says: "did you mean redis?" },
  { answers: ["", "", "all"], says: "all means something else." },
  { answers: ["", "", "postgrse"], says: "did you mean postgres?" },
  { answers: ["", "", "Ü"], says: "is no name for a service" },
  { answers: ["", "", "+redis api"], says: "before each of them" },
  { answers: ["", "", "postgres,supabase"], says: "keep one of them" },
  { answers: ["", "", "none", "none"], says: "Name at least one" },
  { answers: [...START, "", "../t"], says: "It must be a directory below" },
  { answers: [...START, "", "", "/etc"], says: "It must be a directory below" },
  { answers: [...START, "", "", "", "", "a 'b"], says: "is left open" },
  { answers: [...START, "", "", "", "", "3"], says: "no suggestion 3" },
  { answers: [...TO_PORTS, "70000"], says: "from 1 to 65535" },
  { answers: ["back"], says: "This is the first question; quit leaves." },
  { answers: ["", "?"], says: "names no mode is about this checkout" },
])("the wizard stays at its question after $answers", ({ answers, says }) => {
  const facts = factsFor(TWO);
  const { turn: before } = play(facts, answers.slice(0, -1));
  const { turn, said } = play(facts, answers);
  assert(before.kind === "ask" && turn.kind === "ask");
  assertStringIncludes(said.at(-1) ?? "", says);
  assertEquals(turn.state, before.state);
});

Deno.test("the wizard goes back, and keeps what was answered", () => {
  const facts = factsFor(TWO);
  const answers = ["", "trees", "api", "back", "back"];
  const { turn, said } = play(facts, answers);
  assert(turn.kind === "ask");
  assertEquals(turn.state.step, { kind: "default_mode" });
  assertStringIncludes(said[4] ?? "", "checkout [api]: ");
  const again = play(facts, [...answers, "", "", "back", "back", "back"]).turn;
  assert(again.kind === "ask");
  const same = play(facts, [...answers, "back", ""]).turn;
  assert(same.kind === "ask");
  assertEquals(
    [again.state.step.kind, again.state.settings.defaultMode],
    ["source", "trees"],
  );
  assertEquals(same.state.settings, again.state.settings);
  const other = play(facts, [...answers, "back", "empty"]).turn;
  assert(other.kind === "ask");
  assertEquals(other.state.settings, settingsOf(""));
});

Deno.test("what is switched off in the main checkout is off in worktrees", () => {
  const facts = factsFor(TWO);
  const settings = settingsAfter(facts, ["", "", "-redis,-web"]);
  assertEquals(settings.services.map(({ modes }) => modes), [
    ["main", "trees"],
    [],
  ]);
  assertEquals(settings.dependencies[0]?.modes, []);
  const next = settingsAfter(facts, ["", "", "-redis,-web", "+redis"]);
  assertEquals(next.dependencies[0]?.modes, ["trees"]);
});

Deno.test("what was only found and is switched off goes, and nobody waits for it", () => {
  const facts = factsFor(TWO);
  const settings = settingsAfter(facts, ["detected", "", "api,cron"]);
  assertEquals(settings.services.map(({ slug }) => slug), ["api", "cron"]);
  const [api] = settings.services;
  assertEquals([api?.env, api?.portBase], [{ "PORT": "{port}" }, 8000]);
});

Deno.test("a new service takes what was found for its name", () => {
  const facts = factsFor("");
  const settings = settingsAfter(facts, ["empty", "", "web,cron"]);
  const [web, cron] = settings.services;
  assertEquals(
    [web?.directory, web?.portBase, web?.ready, web?.command.join(" ")],
    ["web", 5173, { kind: "listen" }, "npm run dev -- --port {port}"],
  );
  assertEquals([cron?.command, cron?.portBase], [[], undefined]);
});

Deno.test.each([
  { answers: ["n"], ready: "exit", port: undefined },
  { answers: ["y", "n"], ready: "running", port: undefined },
  { answers: ["y", "y", "", "", "", ""], ready: "listen", port: 8000 },
  { answers: ["y", "y", "", "", "", "9"], ready: "listen", port: 9 },
  {
    answers: ["y", "y", "", "", "", "none"],
    ready: "running",
    port: undefined,
  },
])("a service alone: $answers makes it $ready", ({ answers, ready, port }) => {
  const facts = factsFor(ONE);
  const { services: [api] } = settingsAfter(facts, [
    "",
    "",
    "",
    "",
    ...answers,
  ]);
  assertEquals([api?.ready.kind, api?.portBase], [ready, port]);
});

Deno.test("a command with a place for a port needs one", () => {
  const facts = factsFor(ONE);
  const begin = ["", "", "", "none", "y", "y", "", "serve {port}"];
  const { said } = play(facts, [...begin, "none"]);
  assertStringIncludes(said.at(-1) ?? "", "Its command has {port}");
});

Deno.test("a number takes a suggestion, with its port and its variable", () => {
  const facts = factsFor("REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD=x\n");
  const { services: [api] } = settingsAfter(facts, [
    ...["", "", "", "", "y", "n", "", "", "1"],
  ]);
  assertEquals(
    [api?.command, api?.portBase, api?.env],
    [["deno", "task", "dev"], 8000, { "PORT": "{port}" }],
  );
});

Deno.test.each(["quit", "QUIT", "exit", undefined])(
  "%s leaves from every question",
  (word) => {
    const facts = factsFor(TWO);
    for (let count = 0; count < 13; count++) {
      const { turn } = play(facts, [...new Array(count).fill(""), word]);
      assertEquals(turn, { kind: "quit" });
    }
  },
);

Deno.test.each([
  { word: "y", kind: "save" },
  { word: "YES", kind: "save" },
  { word: "", kind: "quit" },
  { word: "no", kind: "quit" },
  { word: "maybe", kind: "ask" },
])("at the review $word means $kind", ({ word, kind }) => {
  const facts = factsFor(TWO);
  const { turn } = play(facts, [...new Array(12).fill(""), word]);
  assertEquals(turn.kind, kind);
});

Deno.test("nothing wrong is saved", () => {
  const plan = () => ({ kind: "fault", message: "It is wrong" }) as const;
  const facts = { ...factsFor(TWO), plan };
  const { turn, said } = play(facts, [...new Array(12).fill(""), "y"]);
  assertEquals(turn.kind, "ask");
  assertEquals(said.at(-1), "It is wrong. Go back to correct it.");
});

Deno.test("any answers lead to settings that a file gives back", () => {
  const words = fc.constantFrom(
    ...["", "", "", "", "y", "n", "back", "?", "api", "web,redis", "none"],
    ...["+postgres", "-web", "cron", "run {port}", "8100", "70000", "trees"],
    ...["detected", "empty", "1", "x y", ".", "main"],
  );
  fc.assert(fc.property(fc.array(words, { maxLength: 40 }), (answers) => {
    const facts = factsFor(TWO);
    let state = firstState(facts);
    for (const text of answers) {
      if (state.step.kind === "review" && text !== "back") continue;
      const turn = answer(facts, state, text);
      assert(turn.kind === "ask");
      state = turn.state;
    }
    const end = enterAll(facts, state).state;
    const hasCommands = end.settings.services.every(({ command }) =>
      command.length > 0
    );
    if (end.step.kind !== "review" || !hasCommands) return;
    const plan = facts.plan(end.settings);
    // A program may want the port that a person does not give it.
    if (plan.kind === "fault" && /a port that is not/.test(plan.message)) {
      return;
    }
    const text = settledText({ path: PATH, text: "" }, end.settings);
    assertEquals(readText(PATH, text).settings, end.settings);
  }));
});
