import { assert, assertEquals } from "@std/assert";
import { reeveCommand } from "#support/cli.ts";
import { talk, type TalkStep } from "#support/terminal_talk.ts";
import { waitUntil } from "#support/wait_until.ts";
import {
  type EnvironmentPlaceForTests,
  makeEnvironmentPlace,
  unitCommand,
  unitIn,
} from "../cli/environment_place.ts";

const isPosix = Deno.build.os !== "windows";
const KEYS = "q leave";
const [UP, DOWN] = ["\u001b[A", "\u001b[B"];

/** Three services: one listens, one reads what it is given, one may die. */
async function startThree(place: EnvironmentPlaceForTests): Promise<void> {
  await place.settings({
    SERVICES: "api,reader,frail",
    SERVICE_API_CMD: unitCommand("listen {port}"),
    SERVICE_API_PORT: String(place.port),
    SERVICE_READER_CMD: unitCommand("read"),
    SERVICE_FRAIL_CMD: unitCommand("work"),
  });
  const { code, stderr } = await place.run("start");
  assertEquals(code, 0, stderr);
}

async function pidsOf(
  place: EnvironmentPlaceForTests,
): Promise<Readonly<Record<string, number>>> {
  const status = await place.json("status", 0);
  return Object.fromEntries(
    ["api", "reader", "frail"].map((id) => [id, unitIn(status, id).pid]),
  );
}

/**
 * A shell that runs the dashboard some times in turn and says after each how it
 * ended and whether the terminal is as it was. The pid of each is in a file.
 */
function shell(times: number): readonly string[] {
  const dashboard = [Deno.execPath(), ...reeveCommand(["dashboard"])]
    .map((word) => `'${word}'`).join(" ");
  return [
    "sh",
    "-c",
    [
      "stty -g > ../before",
      "number=0",
      `while [ $number -lt ${times} ]`,
      "do number=$((number + 1))",
      `sh -c "echo \\$\\$ > ../pid$number; exec ${dashboard}"`,
      'echo "ended with $?"',
      "stty -g | cmp - ../before && echo 'as it was'",
      "done",
    ].join("\n"),
  ];
}

/** After a dashboard has ended well. */
const ENDED: readonly TalkStep[] = [
  ["Services keep running", null],
  ["ended with 0", null],
  ["as it was", null],
];

Deno.test({
  name: "reeve dashboard: keys, and every way to leave it",
  ignore: !isPosix,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await startThree(place);
    const before = await pidsOf(place);
    const { code, missing, shown } = await talk(
      [
        [KEYS, "h"],
        ["Health: healthy", "q"],
        ["3 running", "\r"],
        ["Log of Main Api", null],
        ["listening", "q"],
        ["3 running", "l"],
        ["Log of Main Api", "\u001b"],
        ["3 running", `${DOWN}${UP}r`],
        ["Restarted Api.", "?"],
        ["Keys", null, [20, 50]],
        ["this help", "q"],
        ["3 running", "s"],
        ["Stop Api? [y/N]", "n"],
        ["Nothing was done.", "q"],
        ...ENDED,
        [KEYS, "\u0004"],
        ...ENDED,
        [KEYS, "\u0003"],
        ...ENDED,
      ],
      shell(3),
      { cwd: place.root, env: place.env },
    );
    assertEquals([code, missing], [0, ""], shown);
    const after = await pidsOf(place);
    assert(after.api !== before.api, "r has restarted it");
    assertEquals({ ...after, api: 0 }, { ...before, api: 0 });
    const logs = await place.json("logs reader", 0);
    assertEquals(unitIn(logs, "reader").lines, ["input: ''"]);
    assert(!shown.includes("\u001b[31m"), "NO_COLOR is heard");
    for (const code of ["?1049h", "?1049l", "?25l", "?25h"]) {
      assertEquals(shown.split(`\u001b[${code}`).length, 4, code);
    }
  },
});

/** A dashboard that has the terminal, by the number of its turn. */
async function shownBy(
  place: EnvironmentPlaceForTests,
  number: number,
): Promise<number> {
  let pid = 0;
  await waitUntil(`dashboard ${number} has the terminal`, async () => {
    const text = await Deno.readTextFile(`${place.root}/../pid${number}`)
      .catch(() => "");
    pid = Number(text);
    if (pid === 0) return false;
    const { stdout } = await new Deno.Command("stty", {
      args: ["-F", `/proc/${pid}/fd/0`, "-a"],
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout).includes("-icanon");
  });
  return pid;
}

Deno.test({
  name: "reeve dashboard: a service dies, a signal comes",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using place = await makeEnvironmentPlace();
    await startThree(place);
    const before = await pidsOf(place);
    const talking = talk(
      [
        [KEYS, null],
        ["1 issue", "e"],
        ["Main Frail stale", "q"],
        ["2 running", "u"],
        ["3 running", null],
        ["Everything was started.", "q"],
        ...ENDED,
        [KEYS, null],
        ["ended with 143", null],
        ["as it was", null],
      ],
      shell(2),
      { cwd: place.root, env: place.env },
    );
    await shownBy(place, 1);
    const { frail = 0 } = before;
    assert(frail > 1);
    Deno.kill(frail, "SIGKILL");
    Deno.kill(await shownBy(place, 2), "SIGTERM");
    const { code, missing, shown } = await talking;
    assertEquals([code, missing], [0, ""], shown);
    const after = await pidsOf(place);
    assert(after.frail !== before.frail, "u has started it anew");
    assertEquals({ ...after, frail: 0 }, { ...before, frail: 0 });
  },
});

Deno.test({
  name: "reeve dashboard where nothing is up, and on a dumb terminal",
  ignore: !isPosix,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await place.settings({
      SERVICES: "api",
      SERVICE_API_CMD: unitCommand("work"),
    });
    const options = { cwd: place.root, env: place.env };
    const { code, missing, shown } = await talk(
      [
        ["nothing is up", null],
        [KEYS, "u"],
        ["Everything was started.", "S"],
        ["Stop everything that is shown, 1 in all? [y/N]", "y"],
        ["Stopped everything.", "q"],
      ],
      [Deno.execPath(), ...reeveCommand(["dashboard"])],
      options,
    );
    assertEquals([code, missing], [0, ""], shown);
    for (const words of [["dashboard", "--once"], ["dashboard"]]) {
      const dumb = words.length > 1 ? {} : { TERM: "dumb" };
      const once = await talk(
        [["Nothing is up", null]],
        [Deno.execPath(), ...reeveCommand(words)],
        { ...options, env: { ...place.env, ...dumb } },
      );
      assertEquals([once.code, once.missing], [0, ""], once.shown);
      assert(!once.shown.includes("\u001b"), once.shown);
    }
    const piped = await place.run("dashboard");
    assertEquals([piped.code, piped.stdout.split("\n")[0]], [
      0,
      "Nothing is up.",
    ]);
  },
});

/** Breaks every copy of the state of what is up. */
async function loseStates(directory: string): Promise<void> {
  for await (const { isDirectory, name } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) await loseStates(path);
    else if (name === "run_state.json") await Deno.writeTextFile(path, "{");
  }
}

Deno.test({
  name: "reeve dashboard never says that all is well where records are lost",
  ignore: !isPosix,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await place.settings({
      SERVICES: "api",
      SERVICE_API_CMD: unitCommand("work"),
    });
    assertEquals((await place.run("start")).code, 0);
    await loseStates(place.env["REEVE_HOME"] ?? place.root);
    const { code, missing, shown } = await talk(
      [["is lost", null], [KEYS, "q"], ["Nothing is recorded as up.", null]],
      [Deno.execPath(), ...reeveCommand(["dashboard"])],
      { cwd: place.root, env: place.env },
    );
    assertEquals([code, missing], [0, ""], shown);
    assertEquals((await place.run("doctor --repair")).code, 0);
    const { code: end } = await place.run("doctor --reclaim --force");
    assertEquals(end, 0);
  },
});
