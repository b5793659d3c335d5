/**
 * A WebSocket of a fake world, from the side of its server.
 *
 * @module
 */

import type { Socket, SocketEvents } from "../../src/host/web.ts";
import type { FakeProcess } from "./fake_process.ts";

type State = "connecting" | "open" | "closing" | "closed";

const ABNORMAL = 1006;
const REASON_LIMIT_BYTES = 123;

/** A client may use no other codes, and a frame has no room for more. */
function checkCode(code: number, reason: string): void {
  if (code !== 1000 && (code < 3000 || code > 4999)) {
    throw new DOMException("Cannot close with it", "InvalidAccessError");
  }
  if (new TextEncoder().encode(reason).length > REASON_LIMIT_BYTES) {
    throw new DOMException("The reason is too long", "SyntaxError");
  }
}

/** The server's end of a socket, which a test plays. */
export class FakePeer {
  /** The process at the other end. */
  readonly process: FakeProcess;
  /** The other end. */
  readonly socket: Socket;
  /** Called back with each text that the client sends. */
  receive: (text: string) => void = () => {};
  /** Called back when the client has closed it or has ended. */
  onClose: (code: number, reason: string) => void = () => {};
  /** What the client sees as bytes that wait to be sent. @default 0 */
  bufferedBytes = 0;
  readonly #events: SocketEvents;
  #state: State = "connecting";

  /** Creates both ends; the client waits to be accepted. */
  constructor(process: FakeProcess, events: SocketEvents) {
    this.process = process;
    this.#events = events;
    const bufferedBytes = () => this.bufferedBytes;
    this.socket = {
      send: (text) => this.#sendFromClient(text),
      close: (code = 1000, reason = "") => this.#closeFromClient(code, reason),
      get bufferedBytes() {
        return bufferedBytes();
      },
    };
  }

  /** Whether both ends may send. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Opens the socket that the client asked for. */
  accept(): void {
    this.#later(() => {
      if (this.#state !== "connecting") return;
      this.#state = "open";
      this.#events.onOpen?.();
    });
  }

  /** Sends a text to the client. */
  send(text: string): void {
    this.#later(() => {
      if (this.#state === "open") this.#events.onText(text);
    });
  }

  /** Closes the socket, or refuses to open it with 1006 whatever the code. */
  close(code = 1000, reason = ""): void {
    this.#later(() => {
      this.#end(this.#state === "connecting" ? ABNORMAL : code, reason);
    });
  }

  /** Loses the client, which has ended. */
  lose(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    queueMicrotask(() => this.onClose(ABNORMAL, ""));
  }

  #sendFromClient(text: string): boolean {
    this.process.assertAlive();
    if (this.#state !== "open") return false;
    queueMicrotask(() => this.receive(text));
    return true;
  }

  #closeFromClient(code: number, reason: string): void {
    this.process.assertAlive();
    if (this.#state === "closing" || this.#state === "closed") return;
    checkCode(code, reason);
    const wasOpen = this.#state === "open";
    this.#state = "closing";
    const told = wasOpen ? code : ABNORMAL;
    queueMicrotask(() => this.onClose(told, reason));
    this.#later(() => this.#end(told, wasOpen ? reason : ""));
  }

  #end(code: number, reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#events.onClose(code, reason);
  }

  /** Nothing happens within the call that causes it, nor to who has ended. */
  #later(act: () => void): void {
    queueMicrotask(() => {
      if (!this.process.hasEnded) act();
    });
  }
}
