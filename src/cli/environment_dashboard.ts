/**
 * The dashboard of a repository: looks at it every second, draws what has
 * changed, and does what keys say. Commands run beside it, so it never stands
 * still; services have no part in the keyboard.
 *
 * @module
 */

import { type KeyReader, RESIZED } from "../host/keyboard.ts";
import { baseName } from "../host/path.ts";
import type { CommandResult } from "./command.ts";
import {
  type DashboardLog,
  openDashboardLog,
} from "./environment_dashboard_log.ts";
import { pressKey } from "./environment_dashboard_keys.ts";
import {
  type DashboardAction,
  type DashboardEffect,
  type DashboardModel,
  type DashboardNotice,
  rowsOf,
} from "./environment_dashboard_model.ts";
import { factsOf } from "./environment_dashboard_rows.ts";
import { bodySize, viewDashboard } from "./environment_dashboard_view.ts";
import {
  explain,
  openAddress,
  renewed,
  reportPage,
  runAction,
} from "./environment_dashboard_work.ts";
import { lookAround } from "./environment_dashboard_look.ts";
import { modeOf } from "./environment_look.ts";
import type { EnvironmentSession } from "./environment_session.ts";
import { EXIT, exitCodeForSignal } from "./exit_code.ts";
import { frameUpdate, WHOLE_SCREEN } from "./screen_frame.ts";

/** How long what was seen counts as true. */
const LOOK_MS = 1000;

/** How long a followed log may have something new before it is shown. */
const LOG_MS = 200;

/** Ctrl-D, which the end of input counts as. */
const END_OF_INPUT = "\u0004";

/** Shows the dashboard until the person leaves. */
export async function runDashboard(
  session: EnvironmentSession,
): Promise<CommandResult> {
  const interrupt = session.takeInterrupts();
  const seen = await look(session);
  const keys = await session.host.terminal.openKeys(WHOLE_SCREEN);
  const dashboard = new Dashboard(session, keys, interrupt, seen);
  try {
    await dashboard.run();
  } finally {
    keys.close();
  }
  const isEnded = interrupt.aborted && interrupt.reason !== "SIGINT";
  return {
    exit: isEnded ? exitCodeForSignal(interrupt.reason) : EXIT.ok,
    text: dashboard.farewell,
    notes: dashboard.lastWords,
  };
}

/** What is to be shown as it is now. */
type Seen = Pick<DashboardModel, "facts" | "warnings">;

async function look(session: EnvironmentSession): Promise<Seen> {
  const { host, place } = await renewed(session);
  const { parts, warnings } = await lookAround({ ...session, place });
  const name = baseName(place.repositoryRoot);
  return { facts: factsOf(name, parts, host.clock.now()), warnings };
}

class Dashboard {
  readonly #session: EnvironmentSession;
  readonly #keys: KeyReader;
  readonly #interrupt: AbortSignal;
  #model: DashboardModel;
  #frame: readonly string[] | undefined;
  #wake = new AbortController();
  #lookAt: number;
  #looks = 0;
  #isOver = false;
  #work: Promise<void> | undefined;
  #workAbort = new AbortController();
  #log: DashboardLog | undefined;

  constructor(
    session: EnvironmentSession,
    keys: KeyReader,
    interrupt: AbortSignal,
    seen: Seen,
  ) {
    this.#session = session;
    this.#keys = keys;
    this.#interrupt = interrupt;
    this.#lookAt = session.host.clock.elapsed() + LOOK_MS;
    this.#model = {
      ...seen,
      mode: session.route.mode,
      stopAll: stopAllWords(session),
      selected: undefined,
      page: undefined,
      question: undefined,
      busy: undefined,
      notice: undefined,
      isLeaving: false,
    };
  }

  /** What goes on without us, as far as that was seen. */
  get farewell(): string {
    if (rowsOf(this.#model).some(({ isUp }) => isUp)) {
      return "Services keep running. To see them: reeve status. " +
        "To stop them: reeve stop";
    }
    return this.#model.warnings.length > 0
      ? "Nothing is recorded as up."
      : "Nothing is up.";
  }

  /** What is wrong, and what went wrong after the person decided to leave. */
  get lastWords(): readonly string[] {
    const { isLeaving, notice, warnings } = this.#model;
    const isTold = isLeaving && notice?.isBad === true;
    return [...warnings, ...isTold ? notice.lines : []];
  }

  /** Draws, waits for a key or for something new, and so on. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      this.#draw();
      const key = await this.#nextKey();
      if (this.#interrupt.aborted) break;
      if (key !== undefined) this.#press(key);
      this.#beginLook();
      this.#readLog();
    }
    // What has begun is brought to an end, one way or the other.
    if (this.#interrupt.aborted) this.#workAbort.abort(this.#interrupt.reason);
    await this.#work;
  }

  /** The next key; `undefined` when it is time to look at something. */
  async #nextKey(): Promise<string | undefined> {
    const { clock } = this.#session.host;
    const wake = this.#wake = new AbortController();
    const isFollowing = this.#model.page?.logOf !== undefined;
    const left = Math.max(0, this.#lookAt - clock.elapsed());
    // While it is being looked at, the end of that wakes us.
    const ms = Math.min(isFollowing ? LOG_MS : LOOK_MS, left);
    using _timer = clock.later(ms, () => wake.abort());
    const signal = AbortSignal.any([wake.signal, this.#interrupt]);
    const key = await this.#keys.next(signal);
    return key ?? (signal.aborted ? undefined : END_OF_INPUT);
  }

  #press(key: string): void {
    if (key === RESIZED) this.#frame = undefined;
    const { columns, rows } = this.#session.host.terminal;
    const size = bodySize(this.#model, { width: columns, height: rows });
    const { effect, model } = pressKey(this.#model, key, size);
    this.#change(model);
    this.#apply(effect);
  }

  #apply(effect: DashboardEffect): void {
    const { host } = this.#session;
    switch (effect.kind) {
      case "none":
        return;
      case "quit":
        this.#isOver = true;
        return;
      case "interrupt":
        this.#workAbort.abort("SIGINT");
        return;
      case "act":
        this.#begin(effect);
        return;
      case "logs":
        this.#log = openDashboardLog(host, effect.row);
        this.#change({ page: this.#log.page });
        return;
      case "report":
        this.#tell(
          reportPage(this.#session, effect.report).then((page) =>
            this.#change({ page })
          ),
        );
        return;
      case "open":
        this.#tell(
          openAddress(host, effect.url).then((notice) =>
            this.#change({ notice })
          ),
        );
    }
  }

  /** Lets something go on; why it fails is shown. */
  #tell(work: Promise<void>): void {
    work.catch((error) => this.#change({ notice: explain(error) }));
  }

  #begin(action: DashboardAction): void {
    const { title } = action;
    this.#change({ busy: { title, progress: "" } });
    this.#workAbort = new AbortController();
    const hear = (progress: string) =>
      this.#change({ busy: { title, progress } });
    const end = async (notice: DashboardNotice) => {
      // What is told and what is shown must fit together.
      await this.#look();
      this.#change({ busy: undefined, notice });
      this.#isOver ||= this.#model.isLeaving;
    };
    this.#work = runAction(
      this.#session,
      action,
      hear,
      this.#workAbort.signal,
    ).then(end);
  }

  /** Adds what has come to the log that is shown. */
  #readLog(): void {
    const { page } = this.#model;
    if (page?.logOf === undefined || this.#log === undefined) return;
    const row = rowsOf(this.#model).find(({ key }) => key === page.logOf);
    const now = this.#log.read(page, row);
    if (now !== page) this.#change({ page: now });
  }

  /** Looks anew when it is time, without waiting for it. */
  #beginLook(): void {
    const { clock } = this.#session.host;
    if (clock.elapsed() >= this.#lookAt) void this.#look();
  }

  /** Looks anew; what an earlier look finds after this one counts no more. */
  async #look(): Promise<void> {
    const { clock } = this.#session.host;
    const number = ++this.#looks;
    this.#lookAt = Infinity;
    const change = await look(this.#session).then(
      (seen) => seen,
      (error) => ({ notice: explain(error) }),
    );
    if (number !== this.#looks) return;
    this.#lookAt = clock.elapsed() + LOOK_MS;
    this.#change(change);
  }

  #change(change: Partial<DashboardModel>): void {
    this.#model = { ...this.#model, ...change };
    this.#wake.abort();
  }

  #draw(): void {
    const { terminal } = this.#session.host;
    const { columns, hasColor, rows } = terminal;
    const frame = viewDashboard(
      this.#model,
      { width: columns, height: rows },
      hasColor ? "some" : "none",
    );
    const update = frameUpdate(this.#frame, frame);
    this.#frame = frame;
    if (update !== "") terminal.out(update);
  }
}

/** The command that stops all that a line is about. */
function stopAllWords(session: EnvironmentSession): readonly string[] {
  const { projects } = session.route;
  const mode = modeOf(session);
  if (mode === undefined && projects.length === 0) return ["stop-all"];
  const names = projects.map((name) => `--project=${name}`);
  const which = names.length === 0 ? ["--all"] : names;
  return ["stop", `--${session.route.mode}`, ...which];
}
