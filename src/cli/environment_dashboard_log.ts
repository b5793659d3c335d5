/**
 * The log of one unit as a page of the dashboard that grows with it.
 *
 * @module
 */

import {
  followLog,
  type LogFollower,
  readTail,
} from "../environment/service_log.ts";
import type { Host } from "../host/host.ts";
import { type DashboardPage, pageOf } from "./environment_dashboard_model.ts";
import type { DashboardRow } from "./environment_dashboard_rows.ts";
import { plainLine } from "./environment_logs_text.ts";

/** Lines that are kept. */
const LINES = 1000;

/** A log that is read on. */
export interface DashboardLog {
  /** The page with which it begins. */
  readonly page: DashboardPage;
  /**
   * The page with what has come since, the same when nothing has; a unit that
   * was started anew may write to another log.
   */
  read(page: DashboardPage, row: DashboardRow | undefined): DashboardPage;
}

/** Opens the log of a row. */
export function openDashboardLog(
  host: Pick<Host, "blocking">,
  row: DashboardRow,
): DashboardLog {
  let { path, page, follower } = begin(host, row);
  return {
    page,
    read(shown, now) {
      if (now?.logPath !== undefined && now.logPath !== path) {
        ({ path, page, follower } = begin(host, now));
        return page;
      }
      const added = follower?.read().map(plainLine) ?? [];
      if (added.length === 0) return shown;
      return { ...shown, lines: [...shown.lines, ...added].slice(-LINES) };
    },
  };
}

interface Begun {
  readonly path: string | undefined;
  readonly page: DashboardPage;
  readonly follower: LogFollower | undefined;
}

function begin(host: Pick<Host, "blocking">, row: DashboardRow): Begun {
  const { key, logPath: path, name, project } = row;
  const title = `Log of ${project} ${name}`;
  if (path === undefined) {
    const page = { ...pageOf(title, ["There is no log of ours."]), logOf: key };
    return { path, page, follower: undefined };
  }
  const size = host.blocking.stat(path)?.size ?? 0;
  const lines = readTail(host, path, LINES).lines.map(plainLine);
  return {
    path,
    page: { title, detail: path, lines, top: "end", logOf: key },
    follower: followLog(host, path, size),
  };
}
