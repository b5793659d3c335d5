/** Runs a command at a terminal of its own and talks with it. */

const TALKS = new URL("../programs/talks_at_a_terminal.py", import.meta.url)
  .pathname;

/**
 * What is typed once a text was shown: nothing for `null`; before it the
 * terminal may get another size in rows and columns.
 */
export type TalkStep = readonly [
  expect: string,
  send: string | null,
  size?: readonly [rows: number, columns: number],
];

/** How a talk went. */
export interface TalkResult {
  /** Exit code of the command; 124 when a text never came. */
  readonly code: number;
  /** Everything that was shown. */
  readonly shown: string;
  /** Which text never came. */
  readonly missing: string;
}

/** Talks until the command ends. */
export async function talk(
  steps: readonly TalkStep[],
  command: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<TalkResult> {
  const output = await new Deno.Command("python3", {
    args: [TALKS, JSON.stringify(steps), ...command],
    cwd: options.cwd,
    env: { "TERM": "xterm-256color", ...options.env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    shown: decoder.decode(output.stdout),
    missing: decoder.decode(output.stderr),
  };
}
