/**
 * What a fault of the suite is, and how one counts what it sees.
 *
 * @module
 */

/** How one fault is to be tried. */
export interface RunOptions {
  /** Whether there is time for the full figures. */
  readonly isLong: boolean;
  /** Told now and then how far it is. */
  readonly onProgress: (done: number, of: number) => void;
}

/** What came of one fault. */
export interface FaultResult {
  /** Attempts that came to their end. */
  readonly tried: number;
  /** Counts of what happened, by a few words each. */
  readonly seen: Readonly<Record<string, number>>;
  /** Acknowledged things that were not there afterwards. */
  readonly lost: number;
  /** Innocent processes that got a signal. */
  readonly wrongSignals: number;
  /** Whether everything promised was kept, in as many attempts as wanted. */
  readonly ok: boolean;
  /** Promises that were not kept, the first few in words. */
  readonly problems: readonly string[];
  /** What else a reader must know, such as what could not be tried. */
  readonly notes: readonly string[];
}

/** One fault: a way the world goes wrong, and the promise that holds then. */
export interface Fault {
  /** Name for the command line, such as `F2`. */
  readonly id: `F${number}`;
  /** What goes wrong, in a few words. */
  readonly title: string;
  /** What holds nevertheless. */
  readonly promise: string;
  /** How it is made to happen, in one or two sentences. */
  readonly how: string;
  /** Fewest attempts that count as a result. */
  readonly atLeast: { readonly short: number; readonly long: number };
  /** Why it cannot be tried on this machine, if so. */
  readonly unavailable?: () => Promise<string | undefined>;
  /** Tries it. */
  readonly run: (options: RunOptions) => Promise<FaultResult>;
}

const SHOWN_PROBLEMS = 5;

/** Counts attempts and effects while they happen. */
export class Tally {
  /** Attempts so far. */
  tried = 0;
  /** Acknowledged things that were missing. */
  lost = 0;
  /** Innocent processes that got a signal. */
  wrongSignals = 0;
  readonly #seen = new Map<string, number>();
  readonly #notes: string[] = [];
  readonly #problems: string[] = [];

  /** Counts something that happened. */
  see(what: string, by = 1): void {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + by);
  }

  /** How often something has happened. */
  seen(what: string): number {
    return this.#seen.get(what) ?? 0;
  }

  /** Adds a sentence for the reader. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** A promise that was not kept. */
  problem(text: string): void {
    this.#problems.push(text.replace(/\s+/g, " ").slice(0, 400));
  }

  /** Runs one attempt; what it throws is a problem of that attempt. */
  async attempt(name: string, act: () => Promise<void> | void): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.problem(`${name}: ${describe(error)}`);
    }
    this.tried++;
  }

  /** The result, given how many attempts were wanted. */
  result(wanted: number): FaultResult {
    const { tried, lost, wrongSignals } = this;
    const problems = [...this.#problems];
    if (tried < wanted) problems.unshift(`${tried} of ${wanted} attempts`);
    return {
      tried,
      lost,
      wrongSignals,
      seen: Object.fromEntries([...this.#seen].toSorted()),
      ok: lost === 0 && wrongSignals === 0 && problems.length === 0,
      problems: [
        ...problems.slice(0, SHOWN_PROBLEMS),
        ...(problems.length > SHOWN_PROBLEMS
          ? [`and ${problems.length - SHOWN_PROBLEMS} more`]
          : []),
      ],
      notes: [...this.#notes],
    };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (${describe(error.cause)})`;
  return `${error.message}${cause}`;
}

/** How many attempts are wanted of a fault. */
export function wantedOf(fault: Fault, { isLong }: RunOptions): number {
  return isLong ? fault.atLeast.long : fault.atLeast.short;
}

/** Does something with each item, a few at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await act(item);
    }),
  );
}

/** So many numbers from one to a last one, spread evenly. */
export function spread(last: number, count: number): readonly number[] {
  const amount = Math.min(last, count);
  return Array.from(
    { length: amount },
    (_, at) => 1 + Math.floor(at * last / amount),
  );
}

/** Numbers below a limit that are the same for the same seed. */
export function numbersFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296 * limit);
  };
}
