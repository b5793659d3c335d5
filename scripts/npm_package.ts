/**
 * Makes the packages that `npm install --global` takes. There are two, as npm
 * has one kind of launcher for all systems: a shell script would not start on
 * Windows, and one for Node would cost every start 70 ms. Neither has an
 * install script, which many installations refuse to run.
 *
 * @module
 */

import { VERSION } from "../src/version.ts";
import { manPage } from "./man.ts";
import {
  fillFile,
  shellLauncher,
  windowsLauncher,
} from "./package_launcher.ts";
import { pinnedRuntime, TARGETS } from "./package_targets.ts";
import { runTool } from "./package_tool.ts";
import { filesBelow, writeDocuments } from "./package_tree.ts";

/** One of the packages. */
export interface NpmPackage {
  /** Its name. */
  readonly name: string;
  /** Whether it is the one for Windows. */
  readonly isWindows: boolean;
}

/** Both packages. */
export const NPM_PACKAGES: readonly NpmPackage[] = [
  { name: "@reeve/reeve", isWindows: false },
  { name: "@reeve/reeve-windows", isWindows: true },
];

/** The runtimes of a package with their pinned versions. */
function runtimesOf({ isWindows }: NpmPackage) {
  return Object.fromEntries(
    TARGETS.filter((target) => target.isWindows === isWindows)
      .map((target) => [target.runtime, pinnedRuntime(target).version]),
  );
}

/**
 * Where npm may have put a runtime, from the folder of the launcher: below the
 * package, or beside its scope. Only the one that fits the machine is there.
 */
export function runtimePlaces(kind: NpmPackage): readonly string[] {
  const file = kind.isWindows ? "deno.exe" : "deno";
  return ["../node_modules", "../../.."].flatMap((place) =>
    Object.keys(runtimesOf(kind)).map((name) => `${place}/${name}/${file}`)
  );
}

/** What `package.json` says, beside what both packages say. */
export function npmManifest(
  kind: NpmPackage,
): Readonly<Record<string, unknown>> {
  const { name, isWindows } = kind;
  const shared = { name, "version": VERSION };
  return isWindows
    ? {
      ...shared,
      "os": ["win32"],
      // Without a first line that names an interpreter, npm starts it as it is.
      "bin": { "reeve": "bin/reeve.cmd" },
      "dependencies": runtimesOf(kind),
    }
    : {
      ...shared,
      "os": ["linux", "darwin"],
      "bin": { "reeve": "bin/reeve" },
      "man": ["man/reeve.1"],
      // Of optional ones npm takes those that fit the machine.
      "optionalDependencies": runtimesOf(kind),
    };
}

async function writeLauncher(kind: NpmPackage, work: string): Promise<void> {
  const [main, places] = ["../lib/main.js", runtimePlaces(kind)];
  await Deno.mkdir(`${work}/bin`);
  if (kind.isWindows) {
    const text = await windowsLauncher(main, places);
    await Deno.writeTextFile(`${work}/bin/reeve.cmd`, text);
    return;
  }
  const text = await shellLauncher(main, places);
  await Deno.writeTextFile(`${work}/bin/reeve`, text, { mode: 0o755 });
  await Deno.mkdir(`${work}/man`);
  await Deno.writeTextFile(`${work}/man/reeve.1`, manPage());
}

/** Packs the bundle for npm; returns the path of the tarball. */
export async function packNpm(
  kind: NpmPackage,
  bundle: string,
  out: string,
): Promise<string> {
  const work = await Deno.makeTempDir({ prefix: "reeve-npm-" });
  try {
    await Deno.mkdir(`${work}/lib`);
    for (const name of await filesBelow(bundle)) {
      await Deno.copyFile(`${bundle}/${name}`, `${work}/lib/${name}`);
    }
    await writeLauncher(kind, work);
    const shared = JSON.parse(await fillFile("npm/package.json", {}));
    const manifest = { ...npmManifest(kind), ...shared };
    const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
    await Deno.writeTextFile(`${work}/package.json`, text);
    const readme = await fillFile("npm/README.md", {});
    await Deno.writeTextFile(`${work}/README.md`, readme);
    await writeDocuments(work);
    const printed = await runTool(
      "npm",
      ["pack", "--silent", "--pack-destination", out],
      { cwd: work, hint: "Install Node, which brings npm." },
    );
    return `${out}/${printed.trim().split("\n").at(-1)}`;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}
