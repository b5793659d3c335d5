/**
 * A state of the model as a few bytes, the same for all states that differ in
 * nothing that matters: in their numbers, in the order in which processes came,
 * or in what nobody reads any more.
 *
 * @module
 */

import { MEMORY, memoryOf } from "./live_memory.ts";
import {
  type Command,
  FIRST_PORT,
  type Named,
  type Process,
  type State,
  type Stopping,
} from "./protocol_state.ts";
import {
  MOST,
  NO_END,
  NO_PORT,
  NO_STEP,
  PARTS,
  PHASES,
  STEPS,
} from "./state_codes.ts";

const STEP_CODE = new Map(STEPS.map((step, code) => [step, code]));
const PART_CODE = new Map(PARTS.map((part, code) => [part, code]));
const PHASE_CODE = new Map(PHASES.map((phase, code) => [phase, code]));

/** Packs states, one at a time, in one place. */
export class StatePacker {
  /** The bytes of the state that was packed last; the rest are zero. */
  readonly bytes = new Uint8Array(128);
  /** The same, as words. */
  readonly words = new Uint32Array(this.bytes.buffer);
  /** How many bytes it has: four for each word. */
  length = 0;

  /** Ranks of numbers, in order of appearance; a rank is an index and 1. */
  readonly #ranks: number[] = [];
  /** Processes in order, and by what. */
  readonly #ordered: Process[] = [];
  readonly #orders: number[] = [];

  #rank(number: number): number {
    const at = this.#ranks.indexOf(number);
    const rank = at < 0 ? this.#ranks.push(number) : at + 1;
    if (rank >= MOST) throw new RangeError("too many numbers in a state");
    return rank;
  }

  #put(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  #putName(one: Named | undefined): void {
    if (one === undefined) return this.#put(0);
    // Only strangers have a pid that is not their id, and nothing names them.
    if (one.id !== one.pid) throw new TypeError("a stranger is named");
    const port = one.port === 0 ? NO_PORT : codeOfPort(one.port);
    this.#put(this.#rank(one.id) << 4 | port);
  }

  #putCommand(command: Command): void {
    const kept = memoryOf(command);
    const { stopping, then, endOld } = command;
    this.#put(
      (STEP_CODE.get(command.step) ?? 0) | command.release << 5 |
        (stopping === undefined ? 0 : 128),
    );
    const next = (kept & MEMORY.then) === 0 || then === undefined
      ? NO_STEP
      : STEP_CODE.get(then) ?? 0;
    const isTold = (kept & MEMORY.endOld) !== 0 && endOld !== undefined;
    this.#put(
      next | (!isTold ? 0 : endOld === "ask" ? 32 : 64) |
        (kept & MEMORY.isRetry && command.isRetry === true ? 128 : 0),
    );
    this.#put(kept & MEMORY.isSilent && command.isSilent === true ? 1 : 0);
    this.#putName(kept & MEMORY.seen ? command.seen : undefined);
    this.#putName(kept & MEMORY.old ? command.old : undefined);
    this.#putName(kept & MEMORY.before ? command.before : undefined);
    this.#putName(kept & MEMORY.daemon ? command.daemon : undefined);
    if (stopping !== undefined) this.#putStopping(stopping);
  }

  #putStopping(one: Stopping): void {
    if (one.rest.length > 3) throw new RangeError("too many to clean");
    this.#put(
      (PART_CODE.get(one.at) ?? 0) | (one.canBeAsked ? 16 : 0) |
        (one.isBrief ? 32 : 0) | one.rest.length << 6,
    );
    this.#put(STEP_CODE.get(one.then) ?? 0);
    this.#putName(one.target);
    this.#put(one.held === 0 ? 0 : this.#rank(one.held));
    for (const row of one.rest) this.#putName(row);
  }

  /** One before the other whatever their numbers are, as far as that goes. */
  #orderOf(one: Process): number {
    const port = codeOfPort(one.port ?? one.record);
    const rank = this.#ranks.indexOf(one.id) + 1 || NO_PORT;
    const pid = this.#ranks.indexOf(one.pid) + 1 || NO_PORT;
    return ((port * 8 + (PHASE_CODE.get(one.phase) ?? 0)) * 4 + one.release) *
        256 + rank * 16 + pid;
  }

  #putProcess(one: Process): void {
    const { look } = one;
    this.#put(
      (PHASE_CODE.get(one.phase) ?? 0) | one.release << 3 |
        (one.kind === "daemon" ? 0 : 32) | (look === undefined ? 0 : 64),
    );
    const port = codeOfPort(one.port ?? one.record);
    this.#put(
      port |
        (look === undefined
          ? 0
          : (look.hasRead ? 16 : 0) | (look.isIdle ? 32 : 0) |
            (look.wasNamed ? 64 : 0)),
    );
    this.#put(this.#rank(one.id) << 4 | this.#rank(one.pid));
    this.#putName(look?.saw);
  }

  #putProcesses(processes: readonly Process[]): void {
    const { length } = processes;
    const ordered = this.#ordered;
    const orders = this.#orders;
    for (let from = 0; from < length; from++) {
      const one = processes[from];
      if (one === undefined) continue;
      const order = this.#orderOf(one);
      let at = from;
      for (; at > 0 && (orders[at - 1] ?? 0) > order; at--) {
        orders[at] = orders[at - 1] ?? 0;
        ordered[at] = ordered[at - 1] ?? one;
      }
      orders[at] = order;
      ordered[at] = one;
    }
    for (let at = 0; at < length; at++) {
      const one = ordered[at];
      if (one !== undefined) this.#putProcess(one);
    }
  }

  /** Packs a state. */
  pack(state: State): void {
    const { budget, commands, owners, processes } = state;
    this.length = 0;
    this.#ranks.length = 0;
    this.#put(
      budget.crashes | budget.reuses << 2 | budget.silences << 4 |
        budget.idles << 6,
    );
    this.#put(budget.pauses === Infinity ? NO_END : budget.pauses);
    this.#put(state.lock + 1 | (state.hadOne ? 8 : 0) | commands.length << 4);
    this.#put(owners.length << 4 | processes.length);
    this.#putName(state.file);
    for (const one of commands) this.#putCommand(one);
    for (const one of owners) {
      this.#putName(one);
      this.#put(one.release);
    }
    this.#putProcesses(processes);
    while (this.length % 4 !== 0) this.#put(0);
    if (this.length > this.bytes.length) throw new RangeError("a long state");
  }
}

function codeOfPort(port: number | undefined): number {
  if (port === undefined) return NO_PORT;
  const code = port - FIRST_PORT;
  if (code >= NO_PORT) throw new RangeError("too many ports in a state");
  return code;
}
