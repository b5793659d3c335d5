/**
 * What a receiver is started with.
 *
 * @module
 */

/** Limits that the receiver states and keeps. */
export interface ReceiverLimits {
  /** Events in one batch. */
  readonly maxEvents: number;
  /** Bytes of one body, unpacked. */
  readonly maxBytes: number;
  /** Bytes of one body as it comes. */
  readonly maxWireBytes: number;
}

/** What may be chosen; everything has a default. */
export interface ReceiverOptions {
  /** Name that signs in. @default "ada" */
  readonly user?: string;
  /** Password that the page asks for. @default none */
  readonly password?: string;
  /** Workspaces of the user, the default one first. @default "ada-private" */
  readonly workspaces?: readonly string[];
  /** An access token that is always accepted. @default none */
  readonly token?: string;
  /** How long an access token is good for. @default 3600 */
  readonly accessSeconds?: number;
  /** How long a refresh token is good for. @default 30 days */
  readonly refreshSeconds?: number;
  /** Least pause between two polls of a device. @default 5 */
  readonly pollSeconds?: number;
  /** How long a silent socket is kept. @default 60 */
  readonly socketIdleSeconds?: number;
  /** Faults, each `name[=value][:count]`. @default none */
  readonly faults?: readonly string[];
  /** Limits of a batch. @default 1000 events, 512 KiB, 1 MiB on the wire */
  readonly limits?: Partial<ReceiverLimits>;
  /** How many requests the log remembers. @default 1000 */
  readonly logLimit?: number;
}

/** What was chosen. */
export interface Settings {
  /** Name that signs in. */
  readonly user: string;
  /** Password that the page asks for, if any. */
  readonly password: string | undefined;
  /** Workspaces of the user, the default one first. */
  readonly workspaces: readonly string[];
  /** An access token that is always accepted. */
  readonly token: string | undefined;
  /** How long an access token is good for. */
  readonly accessSeconds: number;
  /** How long a refresh token is good for. */
  readonly refreshSeconds: number;
  /** Least pause between two polls of a device. */
  readonly pollSeconds: number;
  /** How long a silent socket is kept. */
  readonly socketIdleSeconds: number;
  /** Limits of a batch. */
  readonly limits: ReceiverLimits;
}

const MONTH_SECONDS = 30 * 24 * 3600;

const LIMITS: ReceiverLimits = {
  maxEvents: 1000,
  maxBytes: 512 * 1024,
  maxWireBytes: 1024 * 1024,
};

/** Fills in what was not chosen. */
export function completeOptions(options: ReceiverOptions): Settings {
  const { user = "ada", workspaces = [] } = options;
  return {
    user,
    password: options.password,
    workspaces: workspaces.length === 0 ? [`${user}-private`] : workspaces,
    token: options.token,
    accessSeconds: options.accessSeconds ?? 3600,
    refreshSeconds: options.refreshSeconds ?? MONTH_SECONDS,
    pollSeconds: options.pollSeconds ?? 5,
    socketIdleSeconds: options.socketIdleSeconds ?? 60,
    limits: { ...LIMITS, ...options.limits },
  };
}
