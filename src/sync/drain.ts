/**
 * One pass of delivery: what `sync now`, the background of a program and the
 * daemon all do.
 *
 * @module
 */

import { type Batch, claimBatch } from "../queue/claim.ts";
import { readConsent } from "../queue/consent.ts";
import { countQueue, residueOf } from "../queue/counts.ts";
import { importOverflow } from "../queue/import_overflow.ts";
import { acquireLease, type Lease, LeaseLost } from "../queue/lease.ts";
import { overflowBytes } from "../queue/overflow.ts";
import { reclaimDue } from "../queue/reclaim.ts";
import { requeueDue, settleBatch } from "../queue/settle.ts";
import type { Store } from "../queue/store.ts";
import { bindTarget, changeTarget, readTarget } from "../queue/target.ts";
import { createUlids } from "../state/ulid.ts";
import type {
  DrainHost,
  DrainOptions,
  LivePublisher,
} from "./drain_options.ts";
import { chooseSize, shrink } from "./batch_size.ts";
import {
  BISECT_BUDGET,
  exchangeBatch,
  type Exchanged,
  type ExchangeState,
  type Stop,
} from "./exchange.ts";
import {
  emptyReport,
  type PassReport,
  type StopReason,
} from "./pass_report.ts";
import {
  finishPass,
  learnLimits,
  noteStop,
  noteSuccess,
  passGate,
} from "./pass_target.ts";
import { isProblem, type Token } from "./token_source.ts";

/** More waiting events than this are faster in batches. */
const LIVE_BACKLOG = 200;
/** Events that are under way over a WebSocket at a time. */
const LIVE_WINDOW = 32;

interface Pass {
  readonly host: DrainHost;
  readonly store: Store;
  readonly options: DrainOptions;
  readonly lease: Lease;
  readonly report: PassReport;
  readonly startedAt: number;
  readonly nextId: (nowMs: number) => string;
}

/** Delivers what can be delivered, and says what is left and why. */
export async function drain(
  host: DrainHost,
  store: Store,
  options: DrainOptions,
): Promise<PassReport> {
  const report = emptyReport();
  const startedAt = host.clock.elapsed();
  const lease = await acquireLease(host, store, {
    role: options.role,
    waitMs: options.leaseWaitMs,
  });
  if ("busy" in lease) {
    const holder = lease.busy;
    end(report, "busy", holder === undefined ? "" : `process ${holder.pid}`);
  } else {
    using held = lease;
    const nextId = createUlids((bytes) => host.random.hex(bytes));
    const own = { startedAt, nextId };
    const pass = { host, store, options, lease: held, report, ...own };
    try {
      await runPass(pass);
      const { keepBodiesMs = Infinity } = options;
      reclaimDue(store, host.clock.now() - keepBodiesMs);
      finishPass(host, store, report);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      end(report, "lease_lost", error.message);
    }
  }
  report.ms = Math.round(host.clock.elapsed() - startedAt);
  report.counts = countQueue(host, store);
  return report;
}

function end(report: PassReport, reason: StopReason, detail: string): void {
  report.stoppedBecause = reason;
  report.detail = detail;
}

async function runPass(pass: Pass): Promise<void> {
  const { host, store, options, report } = pass;
  const { signal } = options;
  if (signal?.aborted) return end(report, "interrupted", "");
  bringIn(pass);
  if (readConsent(store).openEpoch === 0) return end(report, "no_consent", "");
  const token = await options.tokens.current();
  if (isProblem(token)) return end(report, token.reason, token.detail);
  bindTarget(store, {
    url: token.server,
    workspace: token.workspace ?? null,
    account: token.account,
  }, host.clock.now());
  const gate = passGate(store, host.clock.now(), options.isAsked);
  if (gate.kind === "stay") {
    report.nextAttemptAt = gate.nextAttemptAt;
    return end(report, gate.reason, gate.detail);
  }
  requeueDue(store, pass.lease, {
    nowMs: host.clock.now(),
    isAsked: options.isAsked,
  });
  const { asksLimits = true } = options;
  if (asksLimits && countQueue(host, store).ready > 0) {
    await learnLimits(host, store, { server: token.server, signal });
  }
  await sendAll(pass, token, gate.kind);
}

/** What could not go into the queue comes in; tells whether anything did. */
function bringIn({ host, store, options, report }: Pass): boolean {
  const { overflow } = store.paths;
  if (overflowBytes(host, overflow) === 0) return false;
  const place = () =>
    store.db.get<{ seq: number }>("SELECT seq FROM meta")?.seq ?? 0;
  const before = place();
  importOverflow(host, store, overflow, {
    limits: options.limits,
    nowMs: host.clock.now(),
  });
  const imported = place() - before;
  report.imported += imported;
  return imported > 0;
}

async function sendAll(
  pass: Pass,
  token: Token,
  gate: "open" | "probe",
): Promise<void> {
  const { options, report } = pass;
  const { tokens, findInvalid, signal } = options;
  const state: ExchangeState = {
    token,
    hasRefreshed: false,
    budget: BISECT_BUDGET,
    report,
    tokens,
    signal,
    ...(findInvalid === undefined ? {} : { findInvalid }),
  };
  let isProbe = gate === "probe";
  let live = liveFor(pass, token);
  for (let sent = 0;; sent++) {
    const limit = limitReached(pass, sent);
    if (limit !== undefined) return end(report, limit, "");
    const next = await sendNext(pass, state, { isProbe, live });
    // What the connection did not bring across goes by HTTP at once.
    if (next === "unanswered") live = undefined;
    if (next === "unanswered") continue;
    isProbe = false;
    // What is delivered by now has made room for what waits outside.
    if (next === "none" && bringIn(pass)) continue;
    if (next === "none") return end(report, "done", "");
    if (next !== "sent") return end(report, next.reason, next.detail);
    options.onProgress?.(report);
  }
}

function limitReached(
  { host, options, report, startedAt }: Pass,
  sent: number,
): StopReason | undefined {
  if (options.signal?.aborted) return "interrupted";
  const { deadlineMs = Infinity, maxBatches = Infinity } = options;
  if (host.clock.elapsed() - startedAt >= deadlineMs) return "deadline";
  if (sent >= maxBatches) return "limit";
  const { maxEvents = Infinity } = options;
  return answeredOf(report) >= maxEvents ? "limit" : undefined;
}

/** Events that have an answer; others are only on their way back. */
function answeredOf(report: PassReport): number {
  const { accepted, duplicate, pending, retried, parked, dead } = report;
  return accepted + duplicate + pending + retried + parked + dead;
}

/** The connection, if it leads to the same place and few events wait. */
function liveFor(
  { host, store, options }: Pass,
  token: Token,
): LivePublisher | undefined {
  const { live } = options;
  if (live?.isOpen !== true || live.target === undefined) return undefined;
  const { url, workspace, account } = live.target;
  const isSame = url === token.server && account === token.account &&
    (workspace ?? undefined) === token.workspace;
  const isSmall = residueOf(countQueue(host, store)) <= LIVE_BACKLOG;
  return isSame && isSmall ? live : undefined;
}

async function sendNext(
  pass: Pass,
  state: ExchangeState,
  { isProbe, live }: {
    readonly isProbe: boolean;
    readonly live: LivePublisher | undefined;
  },
): Promise<"sent" | "unanswered" | "none" | Stop> {
  const { host, store, lease, options, report } = pass;
  const size = chooseSize(readTarget(store), options.size);
  const left = (options.maxEvents ?? Infinity) - answeredOf(report);
  const batch = claimBatch(store, lease, {
    batchId: pass.nextId(host.clock.now()),
    // After failures one event tells whether the server is back.
    maxEvents: isProbe ? 1 : Math.min(
      size.maxEvents,
      left,
      live === undefined ? Infinity : LIVE_WINDOW,
    ),
    maxBytes: size.maxBytes,
    nowMs: host.clock.now(),
    target: {
      url: state.token.server,
      workspace: state.token.workspace ?? null,
      account: state.token.account,
    },
  });
  if (batch === undefined) return "none";
  report.claimed += batch.events.length;
  if (live !== undefined) return await publish(pass, batch, live);
  const exchanged = await exchangeBatch(host, state, batch);
  settle(pass, batch, exchanged);
  return exchanged.stop ?? "sent";
}

async function publish(
  pass: Pass,
  batch: Batch,
  live: LivePublisher,
): Promise<"sent" | "unanswered"> {
  const settlements = await live.publish(batch.events);
  settle(pass, batch, {
    settlements,
    stop: undefined,
    tooLarge: undefined,
    maxLamport: {},
    http: undefined,
  });
  const isUnanswered = settlements.some(({ verdict }) =>
    verdict.kind === "unsent"
  );
  return isUnanswered ? "unanswered" : "sent";
}

function settle(
  { host, store, lease, options, report }: Pass,
  batch: { readonly batchId: string },
  { settlements, stop, tooLarge, maxLamport, http }: Exchanged,
): void {
  const now = host.clock.now();
  const acked = maxLamport[store.nodeId];
  const tally = settleBatch(store, lease, batch, settlements, {
    outcome: stop?.reason ?? (tooLarge === undefined ? "settled" : "too_large"),
    nowMs: now,
    ...(http === undefined ? {} : { http }),
    ...(acked === undefined ? {} : { ackedLamport: acked }),
  });
  report.accepted += tally["delivered"] ?? 0;
  report.duplicate += tally["duplicate"] ?? 0;
  report.pending += tally["pending_remote"] ?? 0;
  report.retried += tally["retry"] ?? 0;
  report.parked += tally["parked"] ?? 0;
  report.dead += tally["dead"] ?? 0;
  if (tooLarge !== undefined) {
    changeTarget(store, { ...shrink(tooLarge.events, tooLarge.bytes) });
  }
  if (stop !== undefined) {
    report.nextAttemptAt = noteStop(host, store, stop, now);
  }
  const isAnswered = settlements.some(({ verdict }) =>
    verdict.kind !== "unsent"
  );
  const isClean = stop === undefined && tooLarge === undefined;
  if (isClean && isAnswered) noteSuccess(store, options.size);
}
