import { assert, assertEquals } from "@std/assert";
import { CASTS, NO_MISHAPS, SEEDED, TWO_VERSIONS } from "./bounds.ts";
import { beginning, explore } from "./explore.ts";
import { loneCommand } from "./lone_moves.ts";
import { StatePacker } from "./packed_state.ts";
import { explorePlainly } from "./plain_search.ts";
import { commandMoves } from "./protocol_command.ts";
import type { Budget, Move, Rules, State } from "./protocol_state.ts";
import { faultAtRest, faultOf, movesOf } from "./protocol_world.ts";
import { StateTable } from "./state_table.ts";
import { unpack } from "./unpacked_state.ts";

const packer = new StatePacker();
/** One character for each byte. */
const decoder = new TextDecoder("latin1");

function packed(state: State): string {
  packer.pack(state);
  return decoder.decode(packer.bytes.subarray(0, packer.length));
}

const kindOf = ({ isMishap, isSpare, breaks }: Move) =>
  `${isMishap === true} ${isSpare === true} ${breaks}`;
const ends = (moves: readonly Move[]) =>
  new Set(moves.map((move) => packed(move.to) + kindOf(move)));

function rowsOf(which: string, ...bounds: readonly Partial<Budget>[]) {
  const { releases = [] } = CASTS.find(({ name }) => name === which) ?? {};
  return bounds.map((mishaps) => ({
    text: `${which}, ${Object.entries(mishaps).join(" ")}`,
    rules: { releases, faults: new Set() } satisfies Rules,
    budget: { ...NO_MISHAPS, ...mishaps },
  }));
}

/** What can be told of a state: its faults, and where its moves lead. */
function sightOf(state: State, moves: readonly Move[], budget: Budget) {
  return [
    faultOf(state, { budget }) ?? "",
    faultAtRest(state) ?? "",
    ...[...ends(moves)].toSorted(),
  ].join("\n");
}

/** Whether a move and a lone step come to the same in either order. */
function goesWith(
  move: Move,
  afterLone: ReadonlySet<string>,
  at: number,
  rules: Rules,
): boolean {
  const kind = kindOf(move);
  // A crash of the command leaves nothing of the step.
  if (afterLone.has(packed(move.to) + kind)) return true;
  return commandMoves(move.to, at, rules).some((lone) =>
    kindOf(lone) === kindOf({ text: "", to: lone.to }) &&
    afterLone.has(packed(lone.to) + kind)
  );
}

/** Looks at a lone step and every move beside it; whether there was one. */
function checkLone(
  state: State,
  moves: readonly Move[],
  rules: Rules,
  budget: Budget,
): boolean {
  const at = loneCommand(state);
  if (at < 0) return false;
  const lone = commandMoves(state, at, rules);
  const others = moves.filter(({ text }) =>
    !lone.some((one) => one.text === text)
  );
  const fault = faultOf(state, { budget });
  for (const one of lone) {
    assertEquals(kindOf(one), kindOf({ text: "", to: state }));
    assertEquals(faultOf(one.to, { budget }), fault);
    const after = ends(movesOf(one.to, rules));
    for (const move of others) {
      const isFine = goesWith(move, after, at, rules);
      assert(isFine, `${one.text}, beside: ${move.text}`);
    }
  }
  return true;
}

Deno.test.each([
  ...rowsOf(
    "two versions",
    { pauses: Infinity },
    { pauses: 1, reuses: 1 },
    { crashes: 1 },
  ),
  ...rowsOf("two protocols", { silences: 1, reuses: 1 }),
  ...rowsOf("three versions, two protocols", {}),
])(
  "states packed alike are alike, lone steps go with all others: $text",
  ({ rules, budget }) => {
    const seen = new Map<string, string>();
    let lone = 0;
    const plain = explorePlainly(rules, budget, (state, moves) => {
      const key = packed(state);
      const again = unpack(packer.bytes.slice(), 0);
      const sight = sightOf(state, moves, budget);
      const known = seen.get(key);
      if (known !== undefined) return assertEquals(sight, known);
      seen.set(key, sight);
      assertEquals(packed(again), key);
      assertEquals(sightOf(again, movesOf(again, rules), budget), sight);
      if (checkLone(state, moves, rules, budget)) lone++;
    });
    const found = explore(rules, budget);
    assertEquals([found.fault, plain.fault], [undefined, undefined]);
    assert(found.states < seen.size && seen.size < plain.states);
    assert(lone > 0 && found.rests > 0 && found.rests <= plain.rests);
  },
);

Deno.test.each(SEEDED)("both searches notice that $text", (row) => {
  const budget = { ...NO_MISHAPS, ...row.budget };
  const { releases } = TWO_VERSIONS;
  const rules = { releases, faults: new Set([row.fault]) };
  const plain = explorePlainly(rules, budget).fault;
  const found = explore(rules, budget).fault;
  assertEquals([found?.what, plain?.what], [row.notices, row.notices]);
  const [first, second] = [plain, found].map((one) => one?.story.length ?? 0);
  // A lone step that is not needed may stand before the fault.
  assert(first !== undefined && second !== undefined);
  assert(first > 5 && first <= second && second <= first + 3);
});

Deno.test("a table numbers each fingerprint once, and tells both halves", () => {
  const table = new StateTable();
  const prints = Array.from({ length: 6000 }, (_, at) => ({
    low: (at >> 1) % 2000,
    high: at,
  }));
  assertEquals(prints.map((one) => table.add(one)), prints.map((_, at) => at));
  assertEquals(prints.map((one) => table.add(one)), prints.map((_, at) => at));
  assertEquals(table.size, prints.length);
});

Deno.test("a state with too much in it is not packed", () => {
  const rules = { releases: TWO_VERSIONS.releases, faults: new Set<never>() };
  const start = beginning(rules, NO_MISHAPS);
  const file = { id: 1, pid: 1, port: 9415 };
  let error: unknown;
  try {
    packed({ ...start, file });
  } catch (thrown) {
    error = thrown;
  }
  assert(error instanceof RangeError);
});
