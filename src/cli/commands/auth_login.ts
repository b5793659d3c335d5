/**
 * `reeve auth login`.
 *
 * @module
 */

import { TOKEN_VARIABLE } from "../../auth/env_token.ts";
import type {
  Session,
  SignInMethod,
  StoredSession,
} from "../../auth/session.ts";
import {
  auditSignIn,
  completeSignIn,
  type SignInResult,
  switchWorkspace,
} from "../../auth/sign_in.ts";
import {
  readSession,
  requirePrivateDirectory,
} from "../../auth/token_store.ts";
import { KnownError } from "../../errors.ts";
import { type StatePaths, statePaths, stateRoot } from "../../state/paths.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { attemptLogin } from "./auth_login_attempt.ts";
import { explainFailure } from "./auth_login_failure.ts";
import {
  type AuthSettings,
  noServerError,
  readAuthSettings,
  rememberServer,
} from "./auth_server.ts";
import { formatPerson, isSignedIn, sessionJson } from "./auth_session_text.ts";

/** Flags of `reeve auth login`. */
export interface LoginFlags extends JsonFlags {
  /** Server to sign in to. */
  readonly server?: string;
  /** Sign in on another device. */
  readonly device: boolean;
  /** Only print the address. */
  readonly noBrowser: boolean;
  /** `-`: take an access token from standard input. */
  readonly token?: string;
  /** Workspace that events go to. */
  readonly workspace?: string;
  /** Sign in although somebody is. */
  readonly force: boolean;
}

/** What every step of one sign-in knows. */
interface Login {
  readonly context: CommandContext;
  readonly flags: LoginFlags;
  readonly paths: StatePaths;
  readonly settings: AuthSettings;
  readonly method: SignInMethod;
  readonly signal: AbortSignal;
}

/** Signs in, or says that somebody is signed in. */
export async function run(
  context: CommandContext,
  flags: LoginFlags,
): Promise<CommandResult> {
  const method = methodOf(flags);
  const { host } = context;
  const signal = context.takeInterrupts();
  const root = await host.files.realPath(stateRoot(host.env));
  const paths = statePaths(root);
  const settings = readAuthSettings(host, root, flags.server);
  const stored = await readSession(host, paths);
  const login = { context, flags, paths, settings, method, signal };
  const present = findPresent(login, stored);
  return present === undefined
    ? await signIn(login, stored)
    : await keepSession(login, present);
}

function methodOf(flags: LoginFlags): SignInMethod {
  if (flags.token !== undefined && flags.token !== "-") {
    throw new KnownError(
      "usage",
      "Cannot take a token as an argument: every list of processes shows it",
      {
        hint: "Send it on standard input: reeve auth login --token - < FILE. " +
          "Count the one that you typed as known to others.",
      },
    );
  }
  if (flags.token !== undefined && (flags.device || flags.noBrowser)) {
    const other = flags.device ? "--device" : "--no-browser";
    throw new KnownError("usage", `Cannot combine --token and ${other}`, {
      hint: "Use one of them at a time.",
    });
  }
  if (flags.token !== undefined) return "token";
  return flags.device ? "device" : "browser";
}

/** The session to keep, if there is one that is as good as a new one. */
function findPresent(
  { context, flags, settings }: Login,
  stored: StoredSession,
): Session | undefined {
  if (flags.force || flags.token !== undefined) return undefined;
  if (stored.kind !== "found") return undefined;
  const { session } = stored;
  const isWanted = settings.server === undefined ||
    settings.server === session.server;
  const isGood = isSignedIn(session, context.host.clock.now());
  return isWanted && isGood ? session : undefined;
}

async function keepSession(
  login: Login,
  session: Session,
): Promise<CommandResult> {
  const { flags, context, paths } = login;
  const wanted = flags.workspace;
  if (wanted === undefined || wanted === session.workspace) {
    return describe(login, session, "already_signed_in");
  }
  const switched = await switchWorkspace(context.host, paths, wanted);
  if (switched.kind === "switched") {
    return describe(login, switched.session, "workspace_changed");
  }
  throw new KnownError(
    "usage",
    switched.kind === "unknown"
      ? `Cannot find the workspace ${wanted}: ${listed(switched.choices)}`
      : "Cannot choose a workspace: somebody has signed out",
    { hint: "To ask the server again: reeve auth login --force" },
  );
}

async function signIn(
  login: Login,
  stored: StoredSession,
): Promise<CommandResult> {
  const { context, flags, paths, settings, method, signal } = login;
  const { host } = context;
  const { server } = settings;
  if (!flags.force) refuseUnreadable(stored);
  if (server === undefined) throw noServerError();
  await requirePrivateDirectory(host, paths);
  const opensBrowser = !flags.noBrowser;
  const attempt = { method, server, opensBrowser, signal };
  const given = await attemptLogin(host, attempt);
  const workspace = flags.workspace ?? settings.workspace;
  const result = given.kind === "tokens"
    ? await completeSignIn(host, paths, {
      tokens: given.tokens,
      server,
      method,
      workspace,
      signal,
    })
    : given;
  const isDone = result.kind === "signed_in";
  await auditSignIn(host, paths, { server, method }, {
    outcome: result.kind,
    ...(isDone ? { userId: result.session.userId } : {}),
  });
  if (!isDone) return explainFailure(result, { server, method, signal });
  const notes = flags.server === undefined
    ? []
    : await rememberServer(host, paths.root, { ...settings, server });
  return finish(login, result, [...replacedNotes(stored), ...notes]);
}

/** A damaged file is replaced and said so; others may still be of use. */
function refuseUnreadable(stored: StoredSession): void {
  if (stored.kind !== "unreadable" || stored.problem === "damaged") return;
  const code = stored.problem === "too_new" ? "newer_file" : "unreadable";
  throw new KnownError(code, `Cannot use the sign-in: ${stored.reason}`, {
    hint: stored.fix,
  });
}

function replacedNotes(stored: StoredSession): readonly string[] {
  return stored.kind === "unreadable"
    ? [`What was stored is replaced: ${stored.reason}.`]
    : [];
}

function finish(
  login: Login,
  { session, choice }: Extract<SignInResult, { readonly kind: "signed_in" }>,
  notes: readonly string[],
): CommandResult {
  if (choice.kind === "ambiguous" || choice.kind === "unknown") {
    const reason = choice.kind === "ambiguous"
      ? `cannot choose one of your workspaces: ${choice.choices.join(", ")}`
      : `cannot find the workspace that you named: ${listed(choice.choices)}`;
    throw new KnownError("usage", `Signed in, but ${reason}`, {
      hint: "Choose one: reeve auth login --workspace SLUG",
    });
  }
  return describe(login, session, "signed_in", notes);
}

function listed(choices: readonly string[]): string {
  return choices.length === 0
    ? "you belong to none"
    : `yours are ${choices.join(", ")}`;
}

function describe(
  { context, settings }: Login,
  session: Session,
  outcome: "already_signed_in" | "signed_in" | "workspace_changed",
  notes: readonly string[] = [],
): CommandResult {
  const already = outcome === "signed_in" ? "Signed in" : "You are signed in";
  const where = session.workspace === undefined
    ? "without a workspace: events wait here until you have one"
    : `workspace ${session.workspace}`;
  return {
    exit: EXIT.ok,
    json: {
      "schema": "auth_login",
      "schema_version": 1,
      outcome,
      "session": sessionJson(session),
    },
    text: `${already} to ${session.server} as ${formatPerson(session)}, ` +
      `${where}.`,
    notes: [
      ...settings.notes,
      ...notes,
      ...(context.host.env.get(TOKEN_VARIABLE) === undefined ? [] : [
        `${TOKEN_VARIABLE} is set and wins over this sign-in.`,
      ]),
    ],
  };
}
