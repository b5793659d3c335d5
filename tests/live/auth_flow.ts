/** A person who signs in: runs the command, goes through the pages. */

import { assert, assertEquals } from "@std/assert";
import { type CliResult, reeve, reeveCommand } from "#support/cli.ts";
import type { Sandbox } from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";

/** A command that still runs. */
export interface Running {
  /** What it has written to standard error so far. */
  readonly said: () => string;
  /** Waits until that matches, and gives the first group or the match. */
  readonly waitFor: (pattern: RegExp) => Promise<string>;
  /** Sends it a signal. */
  readonly signal: (name: Deno.Signal) => void;
  /** Waits for its end. */
  readonly ended: Promise<CliResult>;
}

/** Starts a command without waiting for its end. */
export function startReeve(
  sandbox: Pick<Sandbox, "env">,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = new Deno.Command(Deno.execPath(), {
    args: reeveCommand(args),
    env: { ...sandbox.env, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) said += decoder.decode(chunk);
  })();
  const ended = Promise.all([
    child.status,
    new Response(child.stdout).text(),
    reading,
  ]).then(([{ code }, stdout]) => toResult(code, stdout, said));
  return {
    said: () => said,
    async waitFor(pattern) {
      await waitUntil(`it says ${pattern}`, () => pattern.test(said));
      const found = pattern.exec(said);
      return found?.[1] ?? found?.[0] ?? "";
    },
    signal: (name) => child.kill(name),
    ended,
  };
}

function toResult(code: number, stdout: string, stderr: string): CliResult {
  return {
    code,
    stdout,
    stderr,
    get json() {
      return JSON.parse(stdout);
    },
  };
}

/** Runs a command with something on its standard input. */
export async function reeveWithInput(
  sandbox: Pick<Sandbox, "env">,
  args: readonly string[],
  input: string,
): Promise<CliResult> {
  const child = new Deno.Command(Deno.execPath(), {
    args: reeveCommand(args),
    env: { ...sandbox.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that refuses its flags has ended before it reads.
  await writer.write(new TextEncoder().encode(input)).catch(() => undefined);
  await writer.close().catch(() => undefined);
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return toResult(code, decoder.decode(stdout), decoder.decode(stderr));
}

const AUTHORIZE = /(http:\/\/\S+\/oauth\/authorize\?\S+)/;
const DEVICE = /(http:\/\/\S+\/device\?\S+)/;

/** The address that a command tells the person to open. */
export function addressOf(running: Running): Promise<string> {
  return running.waitFor(AUTHORIZE);
}

/** The address with the code in it, of a command that waits for a device. */
export function deviceAddressOf(running: Running): Promise<string> {
  return running.waitFor(DEVICE);
}

/** Answers the page at an address; gives where the server leads then. */
export async function decide(
  address: string,
  decision: "approve" | "deny",
): Promise<Response> {
  const page = await (await fetch(address)).text();
  const ticket = /name="ticket" value="([0-9a-f]+)"/.exec(page)?.[1];
  assert(ticket !== undefined, page);
  const action = /action="([^"]+)"/.exec(page)?.[1] ?? "";
  return await fetch(new URL(action, address), {
    method: "POST",
    body: new URLSearchParams({ ticket, decision }),
    redirect: "manual",
  });
}

/** Answers in the browser and follows the way back; gives the last page. */
export async function decideInBrowser(
  running: Running,
  decision: "approve" | "deny" = "approve",
): Promise<string> {
  const answer = await decide(await addressOf(running), decision);
  await answer.body?.cancel();
  assertEquals(answer.status, 303);
  const back = answer.headers.get("location") ?? "";
  assert(back.startsWith("http://127.0.0.1:"), back);
  return await (await fetch(back)).text();
}

/** Signs in through the browser and waits for the end of the command. */
export async function signIn(
  sandbox: Pick<Sandbox, "env">,
  server: string,
  ...flags: readonly string[]
): Promise<CliResult> {
  const args = ["auth", "login", "--server", server, "--no-browser"];
  const running = startReeve(sandbox, [...args, ...flags]);
  await decideInBrowser(running);
  return await running.ended;
}

/** What is stored of the sign-in. */
export async function readStored(
  sandbox: Pick<Sandbox, "root">,
  // deno-lint-ignore no-explicit-any
): Promise<any> {
  const text = await Deno.readTextFile(`${sandbox.root}/auth/session.json`)
    .catch(() => "null");
  return JSON.parse(text);
}

/** Changes what is stored, as time would. */
export async function changeStored(
  sandbox: Pick<Sandbox, "root">,
  change: Readonly<Record<string, unknown>>,
): Promise<void> {
  const stored = { ...await readStored(sandbox), ...change };
  await Deno.writeTextFile(
    `${sandbox.root}/auth/session.json`,
    JSON.stringify(stored),
  );
}

/** Lets the access token end, as far as this machine knows. */
export async function letAccessEnd(
  sandbox: Pick<Sandbox, "root">,
): Promise<void> {
  await changeStored(sandbox, { "access_expires_at": "2026-01-01T00:00:00Z" });
}

/** Outcomes in the audit, oldest first. */
export async function auditOf(
  sandbox: Pick<Sandbox, "root">,
): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`${sandbox.root}/auth/audit.jsonl`);
  return text.trim().split("\n").map((line) => {
    const { action, outcome } = JSON.parse(line);
    return `${action} ${outcome}`;
  });
}

/** Runs a command and parses what it prints. */
export async function reeveJson(
  sandbox: Pick<Sandbox, "env">,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  return await reeve(sandbox, [...args, "--json"], env);
}
