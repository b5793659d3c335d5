// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Bundles the command line into `dist/`: `lib/` holds the code in lazy chunks,
 * `bin/reeve` starts it. With `--runtime` the Deno executable goes along, so
 * that the folder runs on a machine that has nothing.
 *
 * Run with `deno task build`.
 */

const ROOT = new URL("..", import.meta.url).pathname;

const LAUNCHER = `#!/bin/sh
# Runs reeve with the runtime beside it, else with the deno on the PATH. Only
# handlers of jobs may name packages, and those go into the cache of deno.
here=$(dirname -- "$(readlink -f -- "$0")")
runtime="$here/../runtime/deno"
[ -x "$runtime" ] || runtime=\${REEVE_DENO:-deno}
export DENO_NO_UPDATE_CHECK=1
exec "$runtime" run --allow-all --no-prompt --quiet --no-config --no-lock \\
  --node-modules-dir=none --no-remote --no-check "$here/../lib/main.js" "$@"
`;

async function bundle(directory: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      "--code-splitting",
      "--outdir",
      `${directory}/lib`,
      `${ROOT}src/main.ts`,
    ],
    cwd: ROOT,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

/**
 * Deno reads and parses every module that a literal `import()` names before it
 * runs the first one. A call in between leaves each chunk to the moment when
 * it is wanted, which halves the cost of a command.
 */
export function deferImports(code: string): string {
  return code.replaceAll(
    /\bimport\((["'])(\.\/[\w.-]+\.js)\1\)/g,
    'import((x=>x)("$2"))',
  );
}

const REQUIRE =
  /\bimport ?\{ ?createRequire as (\w+) ?\} ?from ?"node:module";\s*var (\w+) ?= ?\1\(import\.meta\.url\);/g;

const LATE_REQUIRE = "var $2=(x=>y=>(x??=process.getBuiltinModule" +
  '("node:module").createRequire(import.meta.url))(y))();';

/**
 * Two libraries look at Node's world in passing: for an `inspect` that we never
 * call, and for the platform after they know it from Deno. Each look loads
 * Node's modules, which costs a daemon eight MiB. The bundler itself makes a
 * `require()` for the libraries that want one, in a chunk that all commands
 * share: it is made when it is called.
 */
export function withoutNode(code: string): string {
  return code
    .replaceAll(
      /\bimport (\w+) ?from"node:util";/g,
      "const $1={inspect:Deno.inspect};",
    )
    .replaceAll(REQUIRE, LATE_REQUIRE)
    .replaceAll(/\|\|\w+\.process\?\.platform\?\.startsWith\("win"\)/g, "");
}

async function rewriteAll(directory: string): Promise<void> {
  for await (const { name } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    const code = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, withoutNode(deferImports(code)));
  }
}

/** Builds into a directory and returns the path of the bundled entry. */
export async function build(
  directory: string,
  options: { readonly withRuntime?: boolean } = {},
): Promise<string> {
  await Deno.remove(directory, { recursive: true }).catch(() => undefined);
  await bundle(directory);
  await rewriteAll(`${directory}/lib`);
  await Deno.mkdir(`${directory}/bin`, { recursive: true });
  const launcher = `${directory}/bin/reeve`;
  await Deno.writeTextFile(launcher, LAUNCHER, { mode: 0o755 });
  if (options.withRuntime) {
    await Deno.mkdir(`${directory}/runtime`);
    await Deno.copyFile(Deno.execPath(), `${directory}/runtime/deno`);
  }
  return `${directory}/lib/main.js`;
}

if (import.meta.main) {
  const withRuntime = Deno.args.includes("--runtime");
  await build(`${ROOT}dist`, { withRuntime });
  let bytes = 0;
  for await (const entry of Deno.readDir(`${ROOT}dist/lib`)) {
    bytes += (await Deno.stat(`${ROOT}dist/lib/${entry.name}`)).size;
  }
  console.log(
    `Built dist/bin/reeve: ${Math.round(bytes / 1024)} KiB of code` +
      (withRuntime ? " and the runtime." : "; it needs deno on the PATH."),
  );
}
