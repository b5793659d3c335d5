/**
 * Servers elsewhere: one request, one socket. Nothing is followed, nothing is
 * retried; a person's proxy variables count.
 *
 * @module
 */

/** One request to any server. */
export interface WebRequest {
  /** Absolute http or https URL. */
  readonly url: string;
  /** Method. */
  readonly method: "GET" | "POST";
  /** Headers by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Body. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Limit for the whole exchange. */
  readonly timeoutMs: number;
  /** Limit for the body of the reply. @default 1048576 */
  readonly maxBytes?: number;
  /** Ends the exchange early. */
  readonly signal?: AbortSignal;
}

/** What a request met. A redirect is a reply like any other. */
export type WebReply =
  | {
    readonly kind: "reply";
    readonly status: number;
    /** Value of a header, by name in any case. */
    readonly header: (name: string) => string | undefined;
    readonly body: string;
  }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" }
  | { readonly kind: "too_large" }
  | { readonly kind: "unreachable"; readonly reason: string };

/** What happens on a socket. */
export interface SocketEvents {
  /** It is open. */
  readonly onOpen?: () => void;
  /** A text frame came. */
  readonly onText: (text: string) => void;
  /** It is closed, or could not be opened; comes once, and last. */
  readonly onClose: (code: number, reason: string) => void;
}

/** A WebSocket. An open one keeps the process alive. */
export interface Socket {
  /** Sends a text frame; `false` when it is not open. */
  send(text: string): boolean;
  /**
   * Closes it; closing twice is fine. A client may only use 1000 and 3000 to
   * 4999, and a reason is at most 123 bytes long.
   */
  close(code?: number, reason?: string): void;
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;
}

/** Servers elsewhere. */
export interface Web {
  /** One request: no redirect is followed. */
  request(request: WebRequest): Promise<WebReply>;
  /** Opens a WebSocket with headers, such as `authorization`. */
  openSocket(
    url: string,
    headers: Readonly<Record<string, string>>,
    events: SocketEvents,
  ): Socket;
}
