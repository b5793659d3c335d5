/**
 * A WebSocket whose frames are waited for one by one.
 *
 * @module
 */

import { isRecord } from "./canonical_json.ts";
import { CheckFailed, type Probe } from "./conformance_probe.ts";

type Frame = Readonly<Record<string, unknown>>;

/** A socket to the server under test. */
export interface ProbeSocket extends AsyncDisposable {
  /** Whether it is open. */
  readonly isOpen: () => boolean;
  /** Sends a frame. */
  readonly say: (frame: Frame) => void;
  /** Waits for the next frame of a type. @throws {CheckFailed} without one. */
  readonly next: (type: string) => Promise<Frame>;
}

interface State {
  kind: "opening" | "open" | "closed";
  why: string;
  readonly frames: Frame[];
  /** Called at every change. */
  changed: () => void;
}

/** Opens a socket; settles when it is open or refused. */
export async function openSocket(
  probe: Probe,
  url: string,
  token: string | undefined,
): Promise<ProbeSocket> {
  const state: State = {
    kind: "opening",
    why: "",
    frames: [],
    changed: () => {},
  };
  const headers: Record<string, string> = token === undefined
    ? {}
    : { authorization: `Bearer ${token}` };
  const socket = probe.host.web.openSocket(url, headers, {
    onOpen: () => {
      state.kind = "open";
      state.changed();
    },
    onText: (text) => {
      state.frames.push(parseFrame(text));
      state.changed();
    },
    onClose: (code, reason) => {
      state.kind = "closed";
      state.why = `${code} ${reason}`.trim();
      state.changed();
    },
  });
  await waitFor(probe, state, () => state.kind !== "opening");
  return {
    isOpen: () => state.kind === "open",
    say: (frame) => void socket.send(JSON.stringify(frame)),
    next: (type) => nextFrame(probe, state, type),
    async [Symbol.asyncDispose]() {
      socket.close();
      await waitFor(probe, state, () => state.kind === "closed");
    },
  };
}

function parseFrame(text: string): Frame {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

async function nextFrame(
  probe: Probe,
  state: State,
  type: string,
): Promise<Frame> {
  const find = () => state.frames.findIndex((frame) => frame["type"] === type);
  await waitFor(probe, state, () => find() >= 0 || state.kind === "closed");
  const at = find();
  const [frame] = at < 0 ? [] : state.frames.splice(at, 1);
  if (frame !== undefined) return frame;
  throw new CheckFailed(
    state.kind === "closed"
      ? `Closed with ${state.why} instead of ${type}`
      : `No ${type} within ${probe.timeoutMs} ms`,
  );
}

/** Waits until something holds, or the time is over. */
async function waitFor(
  { host, timeoutMs }: Probe,
  state: State,
  holds: () => boolean,
): Promise<void> {
  if (holds()) return;
  const done = new AbortController();
  state.changed = () => {
    if (holds()) done.abort();
  };
  await host.clock.sleep(timeoutMs, done.signal);
  state.changed = () => {};
}
