/**
 * `reeve server check`.
 *
 * @module
 */

import { parseServerUrl } from "../../config/server_url.ts";
import { createTokenSource, isProblem } from "../../auth/token_source.ts";
import { KnownError } from "../../errors.ts";
import { statePaths, stateRoot } from "../../state/paths.ts";
import type { Host } from "../../host/host.ts";
import {
  checkConformance,
  type ConformanceReport,
} from "../../receiver/conformance.ts";
import type { CheckOutcome } from "../../receiver/conformance_check.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { formatTable } from "../table.ts";

/** Flags of `reeve server check`. */
export interface ServerCheckFlags extends JsonFlags {
  /** `-`: the access token comes on standard input. */
  readonly token?: string;
  /** Workspace that test events go to. */
  readonly workspace?: string;
}

/** Variable that holds an access token. */
const TOKEN_VARIABLE = "REEVE_TOKEN";
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

const COLUMNS = [
  { title: "CHECK" },
  { title: "VERDICT" },
  { title: "WHAT" },
  { title: "DETAIL", isFlexible: true },
] as const;

/** Checks that a server keeps the event protocol. */
export async function run(
  { host }: CommandContext,
  flags: ServerCheckFlags,
  address: string,
): Promise<CommandResult> {
  const url = parseServerUrl(address);
  if (url === undefined) {
    throw new KnownError("usage", `Cannot check ${address}: not an address`, {
      hint: "Write https://HOST, or http:// on this machine.",
    });
  }
  if (flags.token !== undefined && flags.token !== "-") {
    throw new KnownError(
      "usage",
      "Cannot take a token as an argument: every list of processes shows it",
      {
        hint: `Send it on standard input with --token -, or set ` +
          `${TOKEN_VARIABLE}. Count the one that you typed as known to others.`,
      },
    );
  }
  const { workspace } = flags;
  const report = await checkConformance(host, {
    url,
    readToken: async () =>
      await readToken(host, flags) ?? await sessionToken(host, url),
    ...workspace !== undefined && { workspace },
  });
  return describe(host, url, report);
}

async function readToken(
  host: Pick<Host, "env" | "terminal">,
  { token }: ServerCheckFlags,
): Promise<string | undefined> {
  const text = token === "-"
    ? await host.terminal.readInput()
    : host.env.get(TOKEN_VARIABLE) ?? "";
  const found = text.trim();
  if (found === "") return undefined;
  if (TOKEN.test(found)) return found;
  const source = token === "-" ? "standard input" : TOKEN_VARIABLE;
  throw new KnownError("usage", `Cannot use ${source}: it holds no token`);
}

/** A sign-in to this very server counts too. */
async function sessionToken(
  host: Host,
  server: string,
): Promise<string | undefined> {
  const paths = statePaths(stateRoot(host.env));
  const given = await createTokenSource(host, paths, { server }).current();
  return isProblem(given) ? undefined : given.accessToken;
}

function describe(
  host: Pick<Host, "terminal">,
  url: string,
  report: ConformanceReport,
): CommandResult {
  switch (report.kind) {
    case "unreachable":
      throw new KnownError(
        "not_ready",
        `Cannot reach ${url}: ${report.reason}`,
        {
          hint: "For a server to try against: reeve server run",
        },
      );
    case "no_token":
      throw new KnownError("not_signed_in", `Cannot check ${url}: no token`, {
        hint: `Send one on standard input with --token -, or set ` +
          `${TOKEN_VARIABLE}.`,
      });
    case "token_rejected":
      throw new KnownError(
        "not_signed_in",
        `Cannot check ${url}: it does not accept the token`,
        { hint: "Ask it for a new one." },
      );
    case "checked":
      return {
        exit: count(report.checks, "fail") === 0 ? EXIT.ok : EXIT.actionable,
        json: toJson(url, report),
        text: toText(host, url, report.checks),
      };
  }
}

function count(
  checks: readonly CheckOutcome[],
  verdict: CheckOutcome["verdict"],
): number {
  return checks.filter((check) => check.verdict === verdict).length;
}

function toJson(
  url: string,
  { workspace, checks }: ConformanceReport & { readonly kind: "checked" },
): unknown {
  return {
    "schema": "server_check",
    "schema_version": 1,
    url,
    workspace,
    "passed": count(checks, "pass"),
    "failed": count(checks, "fail"),
    "skipped": count(checks, "skipped"),
    checks,
  };
}

function toText(
  { terminal }: Pick<Host, "terminal">,
  url: string,
  checks: readonly CheckOutcome[],
): string {
  const rows = checks.map(({ id, title, verdict, detail }) => [
    id,
    verdict,
    title,
    detail,
  ]);
  const failed = checks.filter(({ verdict }) => verdict === "fail");
  const passed = count(checks, "pass");
  const skipped = count(checks, "skipped");
  return [
    formatTable(COLUMNS, rows, terminal.columns),
    "",
    // A narrow table cuts what a person needs to mend a server.
    ...failed.map(({ id, detail }) => `${id}: ${detail}.`),
    failed.length === 0
      ? `${url} keeps the protocol: ${passed} passed, ${skipped} skipped.`
      : `${url} does not keep the protocol: ${passed} passed, ` +
        `${failed.length} failed, ${skipped} skipped.`,
  ].join("\n");
}
