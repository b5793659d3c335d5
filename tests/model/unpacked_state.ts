/**
 * Makes a state of the model of the bytes that stand for it.
 *
 * @module
 */

import {
  type Command,
  FIRST_PORT,
  type Named,
  type Owner,
  type Process,
  type State,
  type Stopping,
} from "./protocol_state.ts";
import {
  NO_END,
  NO_PORT,
  NO_STEP,
  PARTS,
  PHASES,
  STEPS,
} from "./state_codes.ts";

/** The state that stands in some bytes from an index on, as it was packed. */
export function unpack(bytes: Uint8Array, from: number): State {
  return new Reader(bytes, from).state();
}

class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.#at = from;
  }

  #next(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  #name(): Named | undefined {
    const byte = this.#next();
    if (byte === 0) return undefined;
    const id = byte >> 4;
    const port = (byte & 15) === NO_PORT ? 0 : FIRST_PORT + (byte & 15);
    return { id, pid: id, port };
  }

  #sureName(): Named {
    const one = this.#name();
    if (one === undefined) throw new TypeError("a name is missing");
    return one;
  }

  #command(): Command {
    const first = this.#next();
    const second = this.#next();
    const isSilent = this.#next() === 1 ? true : undefined;
    const then = (second & 31) === NO_STEP ? undefined : STEPS[second & 31];
    const ends = second & 96;
    return {
      release: first >> 5 & 3,
      step: STEPS[first & 31] ?? "idle",
      then,
      isSilent,
      endOld: ends === 0 ? undefined : ends === 32 ? "ask" : "signal",
      isRetry: second > 127 ? true : undefined,
      seen: this.#name(),
      old: this.#name(),
      before: this.#name(),
      daemon: this.#name(),
      stopping: first > 127 ? this.#stopping() : undefined,
    };
  }

  #stopping(): Stopping {
    const first = this.#next();
    const then = STEPS[this.#next()] ?? "idle";
    const target = this.#sureName();
    const held = this.#next();
    const rest: Named[] = [];
    for (let left = first >> 6; left > 0; left--) rest.push(this.#sureName());
    const at = PARTS[first & 15] ?? "hold";
    const canBeAsked = (first & 16) !== 0;
    const isBrief = (first & 32) !== 0;
    return { target, canBeAsked, isBrief, at, held, rest, then };
  }

  #process(): Process {
    const first = this.#next();
    const second = this.#next();
    const numbers = this.#next();
    const saw = this.#name();
    const place = second & 15;
    const port = place === NO_PORT ? undefined : FIRST_PORT + place;
    const phase = PHASES[first & 7] ?? "bound";
    return {
      id: numbers >> 4,
      pid: numbers & 15,
      kind: (first & 32) === 0 ? "daemon" : "stranger",
      release: first >> 3 & 3,
      phase,
      ...phase === "closed" ? { port: undefined, record: port } : { port },
      look: (first & 64) === 0 ? undefined : {
        hasRead: (second & 16) !== 0,
        saw,
        isIdle: (second & 32) !== 0,
        wasNamed: (second & 64) !== 0,
      },
    };
  }

  state(): State {
    const mishaps = this.#next();
    const pauses = this.#next();
    const third = this.#next();
    const counts = this.#next();
    const file = this.#name();
    const commands: Command[] = [];
    for (let left = third >> 4; left > 0; left--) {
      commands.push(this.#command());
    }
    const owners: Owner[] = [];
    for (let left = counts >> 4; left > 0; left--) {
      const named = this.#sureName();
      owners.push({ ...named, release: this.#next() });
    }
    const processes: Process[] = [];
    for (let left = counts & 15; left > 0; left--) {
      processes.push(this.#process());
    }
    return {
      processes,
      lock: (third & 7) - 1,
      file,
      owners,
      commands,
      budget: {
        crashes: mishaps & 3,
        reuses: mishaps >> 2 & 3,
        silences: mishaps >> 4 & 3,
        idles: mishaps >> 6,
        pauses: pauses === NO_END ? Infinity : pauses,
      },
      hadOne: (third & 8) !== 0,
    };
  }
}
