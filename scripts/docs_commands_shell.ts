/**
 * Types the commands of a document into a shell, one after the other.
 *
 * @module
 */

import {
  type DocBlock,
  type DocCommand,
  isBackground,
} from "./docs_commands.ts";

/** What came of one document. */
export interface DocTale {
  /** How many commands were run. */
  readonly ran: number;
  /** Commands that were not run, with their reasons. */
  readonly skipped: readonly DocCommand[];
  /** What did not come out as the document says; empty when all did. */
  readonly faults: readonly string[];
}

/** Where a document is tried. */
export interface DocPlace {
  /** Directory in which the reader begins. */
  readonly cwd: string;
  /** The whole environment of the reader. */
  readonly env: Readonly<Record<string, string>>;
}

/** Longest time of one command, in milliseconds. */
const LIMIT_MS = 30_000;

/** Printed after each command, with its exit code. */
const MARK = "@@done ";

/** How a shell waits until what it has started says something. */
const UNTIL_IT_SPEAKS =
  'i=0; while [ ! -s "$said" ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done';

/** Runs all blocks of a document in one shell, as a reader does. */
export async function followDocument(
  blocks: readonly DocBlock[],
  place: DocPlace,
): Promise<DocTale> {
  await using shell = new Shell(place);
  let ran = 0;
  const skipped: DocCommand[] = [];
  const faults: string[] = [];
  for (const block of blocks) {
    const todo = block.commands.filter((one) => one.skipped === undefined);
    skipped.push(...block.commands.filter((one) => !todo.includes(one)));
    if (block.first !== "") {
      const { code, output } = await shell.type(block.first);
      if (code !== 0) faults.push(`${block.line}: first: ${code} ${output}`);
    }
    if (block.file !== undefined) await shell.write(block.file);
    let said = "";
    for (const { line, text, exit } of todo) {
      const { code, output } = await shell.type(text);
      ran++;
      said += output;
      if (code === exit) continue;
      faults.push(`${line}: ${text}: exit ${code}, not ${exit}\n${output}`);
    }
    for (const words of block.says) {
      if (!said.includes(words)) {
        faults.push(`${block.line}: nothing says "${words}":\n${said}`);
      }
    }
  }
  return { ran, skipped, faults };
}

class Shell implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  constructor({ cwd, env }: DocPlace) {
    this.#child = new Deno.Command("sh", {
      cwd,
      clearEnv: true,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      // A group of its own, so that a command that hangs can be ended with it.
      detached: true,
    }).spawn();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#writer = this.#child.stdin.getWriter();
  }

  /** Runs a command to its end, or until it speaks from the background. */
  async type(text: string): Promise<{ code: number; output: string }> {
    const isLong = isBackground(text);
    const lines = isLong
      ? `said=$(mktemp)\n{\n${text}\n} </dev/null >"$said" 2>&1\n` +
        `pids="$pids $!"\n${UNTIL_IT_SPEAKS}\ncat "$said"; [ -s "$said" ]\n`
      : `{\n${text}\n} </dev/null 2>&1\n`;
    await this.#send(`${lines}echo "${MARK}$?"\n`);
    let output = "";
    while (true) {
      const [, before, code] = /^([^]*)@@done (\d+)\n$/.exec(output) ?? [];
      if (code !== undefined) {
        return { code: Number(code), output: before ?? "" };
      }
      const { value, done } = await this.#read(text);
      if (done) throw new Error(`The shell has ended in ${text}: ${output}`);
      output += value;
    }
  }

  /** Puts a file where the shell is. */
  async write(file: { path: string; text: string }): Promise<void> {
    const end = "@@end";
    await this.type(
      `cat >'${file.path}' <<'${end}'\n${file.text}${end}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What the reader has put into the background is the reader's to end.
    await this.#send("kill $pids 2>/dev/null; wait; exit 0\n")
      .then(() => this.#writer.close())
      .catch(() => undefined);
    while (!(await this.#output.read()).done);
    await this.#child.status;
  }

  async #send(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
  }

  async #read(text: string): Promise<ReadableStreamReadResult<string>> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = setTimeout(() => {
      Deno.kill(-this.#child.pid, "SIGKILL");
      reject(new Error(`${text} takes more than ${LIMIT_MS} ms`));
    }, LIMIT_MS);
    try {
      return await Promise.race([this.#output.read(), promise]);
    } finally {
      clearTimeout(late);
    }
  }
}
