/**
 * `reeve sync watch`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { HostError } from "../../host/host.ts";
import { readConsent } from "../../queue/consent.ts";
import { createRegistry } from "../../queue/registry.ts";
import type { Store } from "../../queue/store.ts";
import { readTarget } from "../../queue/target.ts";
import { type LiveChannel, openLiveChannel } from "../../sync/live_channel.ts";
import { watchQueue } from "../../sync/queue_watch.ts";
import { SyncRuntime } from "../../sync/runtime.ts";
import { stopText } from "../../sync/stop_text.ts";
import {
  isProblem,
  type Token,
  type TokenSource,
} from "../../sync/token_source.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { type OpenProject, openProject } from "../sync_project.ts";
import { tokensFor } from "../sync_tokens.ts";
import {
  newsJson,
  newsText,
  type WatchNews,
  WatchTeller,
} from "../watch_text.ts";

/** How often to look for what other processes have captured. */
const LOOK_EVERY_MS = 250;

/** Delivers as events come, until Ctrl-C or whoever reads it leaves. */
export async function run(
  context: CommandContext,
  _flags: JsonFlags,
): Promise<CommandResult> {
  const interrupt = context.takeInterrupts();
  using open = await openProject(context, { write: false });
  requireConsent(open);
  const tokens = tokensFor(context.host, open.place);
  const token = await requireSignIn(open, tokens);
  const teller = new WatchTeller();
  const tell = (news: readonly WatchNews[]) => print(context, news);
  const watch = startWatch(open, { tokens, teller, tell });
  try {
    const server = token?.server ?? open.place.settings.serverUrl ?? "";
    tell([{ kind: "started", project: open.project.slug, server }]);
    const state = await watch.runtime.start();
    if (state.kind === "denied") {
      throw new KnownError("unusable", `Cannot deliver: ${state.detail}`);
    }
    const { terminal } = context.host;
    const isOver = () => interrupt.aborted || terminal.isDeserted();
    await follow(open, watch, { interrupt, isOver });
  } finally {
    await watch.runtime.stop();
  }
  tell([{ kind: "stopped", delivered: teller.delivered }]);
  return { exit: EXIT.ok };
}

function print(
  { host, isJson }: CommandContext,
  news: readonly WatchNews[],
): void {
  const now = host.clock.now();
  const format = isJson ? newsJson : newsText;
  for (const one of news) host.terminal.out(`${format(one, now)}\n`);
}

function requireConsent({ store, project, place }: OpenProject): void {
  if (readConsent(store).openEpoch === 0) {
    throw new KnownError(
      "unusable",
      `Cannot deliver: ${project.slug} has not opted in`,
      { hint: "Let its events leave: reeve sync optin" },
    );
  }
  const { mode } = place.settings;
  if (mode !== "local" && mode !== "off") return;
  throw new KnownError("unusable", `Cannot deliver: sync.mode is ${mode}`, {
    hint: "Change it: reeve config set sync.mode teamspace",
  });
}

/** Without a sign-in nothing would ever happen; a lost one may come back. */
async function requireSignIn(
  { place }: OpenProject,
  tokens: TokenSource,
): Promise<Token | undefined> {
  const token = await tokens.current();
  if (!isProblem(token)) return token;
  if (token.reason === "transient") return undefined;
  const { command } = stopText(token.reason);
  const hint = place.settings.mode === "external"
    ? "See: reeve config show"
    : `Try: ${command}`;
  throw new KnownError("not_signed_in", `Cannot deliver: ${token.detail}`, {
    hint,
  });
}

/** A running delivery. */
interface Watch {
  readonly runtime: SyncRuntime;
  /** The connection, once there is one. */
  readonly live: () => LiveChannel | undefined;
  /** Told about trouble. */
  readonly warn: (text: string) => void;
}

function startWatch(
  { host, place }: OpenProject,
  { tokens, teller, tell }: {
    readonly tokens: TokenSource;
    readonly teller: WatchTeller;
    readonly tell: (news: readonly WatchNews[]) => void;
  },
): Watch {
  let live: LiveChannel | undefined;
  const openLive = (store: Store, wake: () => void) =>
    live = openLiveChannel(host, {
      tokens,
      projectId: store.projectId,
      lastLamport: () => readTarget(store).acked_lamport,
      onState: (state) => tell(teller.connection(state)),
      onConnected: wake,
    });
  const warn = (text: string) => tell(teller.warning(text));
  const runtime = new SyncRuntime(host, {
    // Whoever types this command has started it: no setting has a say in that.
    place: { ...place, settings: { ...place.settings, autoStart: true } },
    registry: createRegistry(),
    lifetime: "long",
    tokens,
    openLive,
    onPass: (report) => tell(teller.pass(report)),
    warn,
  });
  return { runtime, live: () => live, warn };
}

/** Looks for what others have done, until somebody wants it to end, or nobody reads any more. */
async function follow(
  { host, store, place }: OpenProject,
  { runtime, live, warn }: Watch,
  { interrupt, isOver }: {
    readonly interrupt: AbortSignal;
    readonly isOver: () => boolean;
  },
): Promise<void> {
  const hasNews = watchQueue(host, store);
  const signInAt = () => host.blocking.stat(place.paths.session)?.modifiedAt;
  let seenAt = signInAt();
  while (!isOver()) {
    await host.clock.sleep(LOOK_EVERY_MS, interrupt);
    try {
      if (hasNews()) runtime.wake();
      const at = signInAt();
      if (at === seenAt) continue;
      seenAt = at;
      // Somebody has signed in or out, or refreshed the sign-in.
      live()?.wake();
      runtime.wake();
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      warn(`The queue cannot be looked at: ${error.code}`);
    }
  }
}
