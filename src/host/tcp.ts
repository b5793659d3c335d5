/**
 * Raw TCP: a few bytes there, a few bytes back. It is how a server is asked in
 * its own language whether it is ready.
 *
 * @module
 */

/** One exchange on a connection of its own. */
export interface TcpExchange {
  /** Name or address of the server. @default "127.0.0.1" */
  readonly hostname?: string;
  /** Its port. */
  readonly port: number;
  /** What is sent; may be empty. */
  readonly bytes: Uint8Array;
  /** Limit for connecting, sending and receiving together. */
  readonly timeoutMs: number;
  /**
   * Limit of what is received; reading ends there. With 0 nothing is read:
   * being connected is the answer. @default 4096
   */
  readonly maxBytes?: number;
  /** Gives up early; that counts as not in time. */
  readonly signal?: AbortSignal | undefined;
  /** Whether that is enough of an answer. @default any byte is */
  readonly isEnough?: (received: Uint8Array) => boolean;
}

/** What an exchange met. */
export type TcpReply =
  /** Bytes that came before the answer was enough, or too late, or over. */
  | { readonly kind: "reply"; readonly bytes: Uint8Array }
  /** Nobody listens there. */
  | { readonly kind: "refused" }
  /** Not a byte in time. */
  | { readonly kind: "timeout"; readonly connected: boolean }
  /** The connection ended without a byte. */
  | { readonly kind: "reset" }
  | { readonly kind: "unreachable"; readonly reason: string };

/** Raw TCP. */
export interface Tcp {
  /** One exchange: no proxy, no TLS, no second attempt. */
  exchange(exchange: TcpExchange): Promise<TcpReply>;
}
