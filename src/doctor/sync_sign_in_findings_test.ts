import { assert, assertEquals } from "@std/assert";
import type { SessionFacts } from "./session_facts.ts";
import type { SignInFacts, SyncFacts } from "./sync_facts.ts";
import { signInFindings } from "./sync_sign_in_findings.ts";
import { FACTS, QUEUE, SESSION, SETTINGS } from "#support/sync_facts.ts";

const signIn: SignInFacts = {
  session: SESSION,
  isEnvDamaged: false,
  externalVariable: null,
  hasExternalToken: false,
};

function signedIn(session: Partial<SessionFacts>): Partial<SyncFacts> {
  return { signIn: { ...signIn, session: { ...SESSION, ...session } } };
}

function unreadable(
  kind: NonNullable<SessionFacts["problem"]>["kind"],
): Partial<SyncFacts> {
  const problem = { kind, reason: "it is bad", fix: "Upgrade this one." };
  return signedIn({ state: "unreadable", problem });
}

function summaryWith(
  change: Partial<NonNullable<SessionFacts["summary"]>>,
): Partial<SyncFacts> {
  const { summary } = SESSION;
  return summary === undefined
    ? {}
    : signedIn({ summary: { ...summary, ...change } });
}

const nobody: Partial<SyncFacts> = {
  signIn: { ...signIn, session: undefined },
};
const mine = {
  id: "w1",
  slug: "acme",
  name: "Acme",
  role: "member",
  "is_private": false,
  "is_default": false,
};
const external: Partial<SyncFacts> = {
  settings: { ...SETTINGS, mode: "external" },
};

Deno.test.each<
  {
    readonly name: string;
    readonly change: Partial<SyncFacts>;
    readonly is: readonly string[];
  }
>([
  { name: "a good one", change: {}, is: [] },
  { name: "none", change: nobody, is: ["S-020 error reeve auth login"] },
  {
    name: "none that is needed",
    change: {
      ...nobody,
      queue: { ...QUEUE, consent: { ...QUEUE.consent, openEpoch: 0 } },
    },
    is: ["S-020 info reeve auth login"],
  },
  {
    name: "none and no server",
    change: { ...nobody, settings: { ...SETTINGS, serverUrl: undefined } },
    is: ["S-020 info reeve auth login --server URL"],
  },
  {
    name: "none where nothing leaves",
    change: { ...nobody, settings: { ...SETTINGS, mode: "local" } },
    is: [],
  },
  {
    name: "one that cannot be known",
    change: { signIn: { unknown: "disk" } },
    is: [],
  },
  {
    name: "an expired one",
    change: signedIn({ state: "expired" }),
    is: ["S-021 error reeve auth login"],
  },
  {
    name: "one to be refreshed",
    change: signedIn({ state: "refreshable" }),
    is: ["S-022 info reeve sync now"],
  },
  {
    name: "one that others may read",
    change: unreadable("loose_mode"),
    is: [
      "S-023 error chmod 700 '/r/auth' && chmod 600 '/r/auth/session.json'",
    ],
  },
  {
    name: "one that we may not read",
    change: unreadable("no_access"),
    is: ["S-023 error ls -ld '/r/auth' '/r/auth/session.json'"],
  },
  {
    name: "a damaged one",
    change: unreadable("damaged"),
    is: ["S-023 error reeve auth login --force"],
  },
  {
    name: "one of a newer reeve",
    change: unreadable("too_new"),
    is: ["S-023 error reeve --version"],
  },
  {
    name: "one of another server",
    change: summaryWith({ server: "https://b.example" }),
    is: ["S-024 error reeve auth login"],
  },
  {
    name: "one without a workspace",
    change: summaryWith({ workspace: null, workspaces: [mine] }),
    is: ["S-025 error reeve auth login --workspace SLUG"],
  },
  {
    name: "one without any workspace",
    change: summaryWith({ workspace: null }),
    is: ["S-025 error reeve auth whoami"],
  },
  {
    name: "one whose workspace the settings name",
    change: {
      ...summaryWith({ workspace: null }),
      settings: { ...SETTINGS, workspace: "acme" },
    },
    is: [],
  },
  {
    name: "REEVE_TOKEN before it",
    change: signedIn({ hasEnvToken: true }),
    is: ["S-026 warn unset REEVE_TOKEN"],
  },
  {
    name: "REEVE_TOKEN alone",
    change: signedIn({ hasEnvToken: true, state: "none" }),
    is: ["S-026 info unset REEVE_TOKEN"],
  },
  {
    name: "a REEVE_TOKEN that is none",
    change: { signIn: { ...signIn, isEnvDamaged: true } },
    is: ["S-027 error unset REEVE_TOKEN"],
  },
  {
    name: "no variable for a receiver",
    change: external,
    is: ["S-028 error reeve config set sync.external.auth_env NAME"],
  },
  {
    name: "a variable for a receiver that is not set",
    change: { ...external, signIn: { ...signIn, externalVariable: "TOK" } },
    is: ["S-028 error export TOK=TOKEN"],
  },
  {
    name: "a variable for a receiver",
    change: {
      ...external,
      signIn: { ...signIn, externalVariable: "TOK", hasExternalToken: true },
    },
    is: [],
  },
])("signInFindings() with $name: $is", ({ change, is }) => {
  const found = signInFindings({ ...FACTS, ...change });
  assertEquals(
    found.map(({ id, severity, remediation }) =>
      `${id} ${severity} ${remediation.command}`
    ),
    [...is],
  );
  for (const { summary } of found) assert(summary.endsWith("."), summary);
});
