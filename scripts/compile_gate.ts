// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Proves without the compile runtime that the command line can be compiled:
 * Deno itself takes its place. What comes out starts Deno and not Reeve, but
 * the module graph, the included chunks, what is baked in and the size are
 * those of a release.
 *
 * Run with `deno task compile:gate`.
 */

import { VERSION } from "../src/version.ts";
import { buildBundle } from "./build.ts";
import { readCommit } from "./build_commit.ts";
import { compileArgs } from "./compile.ts";
import { filesBelow } from "./package_tree.ts";
import { runScript, type Usage } from "./run_script.ts";

const USAGE: Usage = {
  run: "deno task compile:gate",
  does: "Proves without the compile runtime that the command line can be " +
    "compiled.",
};

const ROOT = new URL("..", import.meta.url).pathname;

/** Most that Reeve may add to the runtime, in bytes. */
const LIMIT = 8_000_000;

/** File names in the tree that `deno compile` prints. */
export function embeddedFiles(printed: string): ReadonlySet<string> {
  const names = printed.matchAll(/[├└]\S* (?:.*\/)?(\S+\.js) \([\d.]+\w+\)/g);
  return new Set([...names].map(([, name = ""]) => name));
}

/** What is wrong with a compiled file; nothing when all is well. */
export function gateFaults(seen: {
  readonly chunks: readonly string[];
  readonly embedded: ReadonlySet<string>;
  readonly addedBytes: number;
  readonly hasCommit: boolean;
}): readonly string[] {
  const missing = seen.chunks.filter((name) => !seen.embedded.has(name));
  const faults: string[] = [];
  if (seen.chunks.length < 2) faults.push("the bundle has no lazy chunks");
  if (missing.length > 0) faults.push(`not embedded: ${missing.join(" ")}`);
  if (seen.addedBytes <= 0 || seen.addedBytes > LIMIT) {
    faults.push(`it adds ${seen.addedBytes} bytes; at most ${LIMIT} may be`);
  }
  if (!seen.hasCommit) faults.push("the commit is not baked in");
  return faults;
}

function contains(bytes: Uint8Array, text: string): boolean {
  const wanted = new TextEncoder().encode(text);
  const first = wanted[0] ?? 0;
  for (let at = bytes.indexOf(first); at >= 0;) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
    at = bytes.indexOf(first, at + 1);
  }
  return false;
}

async function main(): Promise<number> {
  const work = await Deno.makeTempDir({ prefix: "reeve-gate-" });
  try {
    const [bundle, output] = [`${work}/lib`, `${work}/reeve`];
    await buildBundle(bundle);
    const deno = await Deno.realPath(Deno.execPath());
    const { success, stdout, stderr } = await new Deno.Command(deno, {
      args: [...compileArgs(bundle, Deno.build.target, output)],
      env: { "DENORT_BIN": deno, "NO_COLOR": "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const printed = decoder.decode(stdout) + decoder.decode(stderr);
    if (!success) {
      console.error(`error: it cannot be compiled\n${printed}`);
      return 1;
    }
    const chunks = await filesBelow(bundle);
    const exe = Deno.build.os === "windows" ? ".exe" : "";
    const bytes = await Deno.readFile(`${output}${exe}`);
    const addedBytes = bytes.length - (await Deno.stat(deno)).size;
    const commit = await readCommit(ROOT);
    const faults = gateFaults({
      chunks,
      embedded: embeddedFiles(printed),
      addedBytes,
      hasCommit: contains(bytes.subarray(-addedBytes), `commit:${commit}`),
    });
    for (const fault of faults) console.error(`error: ${fault}`);
    if (faults.length > 0) return 1;
    console.log(
      `reeve ${VERSION} (commit ${commit}) can be compiled: ${chunks.length} ` +
        `files are embedded, ${Math.round(addedBytes / 1024)} KiB in all.`,
    );
    return 0;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

if (import.meta.main) await runScript(USAGE, main);
