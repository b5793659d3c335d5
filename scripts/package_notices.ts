/**
 * The licences of the packages that are part of a bundle.
 *
 * @module
 */

import { runTool } from "./package_tool.ts";

const ROOT = new URL("..", import.meta.url).pathname;

interface Located {
  readonly name: string;
  readonly version: string;
}

/** What `deno info --json` says, as far as it matters here. */
interface GraphInfo {
  readonly npmPackages?: Readonly<Record<string, Located>>;
}

/** Packages of the graph, once each, by name and version. */
export function packagesOf(info: GraphInfo): readonly Located[] {
  const seen = new Map<string, Located>();
  for (const { name, version } of Object.values(info.npmPackages ?? {})) {
    seen.set(`${name}@${version}`, { name, version });
  }
  return [...seen].sort(([a], [b]) => a < b ? -1 : 1).map(([, one]) => one);
}

/** The licence that a directory has, under whatever name. */
async function readLicence(directory: string): Promise<string | undefined> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(directory)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const name = names.sort().find((one) => /^(licen[cs]e|copying)/i.test(one));
  return name === undefined
    ? undefined
    : await Deno.readTextFile(`${directory}/${name}`);
}

async function statedLicence(directory: string): Promise<string> {
  const text = await Deno.readTextFile(`${directory}/package.json`);
  const { license, author } = JSON.parse(text);
  const by = typeof author === "string"
    ? author
    : author?.name ?? "its authors";
  return `Licence: ${license ?? "not stated"}; by ${by}`;
}

/** Names every package of the bundle with its licence. */
export async function thirdPartyNotices(): Promise<string> {
  const deno = Deno.execPath();
  const info = async (...args: readonly string[]) =>
    JSON.parse(await runTool(deno, ["info", "--json", ...args], { cwd: ROOT }));
  const { npmCache } = await info();
  const packages = packagesOf(await info("src/main.ts"));
  const registries: string[] = [];
  for await (const { name } of Deno.readDir(npmCache)) registries.push(name);
  const parts: string[] = [];
  for (const { name, version } of packages) {
    const places = registries.sort()
      .map((registry) => `${npmCache}/${registry}/${name}/${version}`);
    const there = await firstThere(places);
    // An optional package for other machines: nothing of it can be bundled.
    if (there === undefined) continue;
    const licence = await readLicence(there) ?? await statedLicence(there);
    parts.push(`${name} ${version}\n\n${licence.trim()}\n`);
  }
  const line = `\n${"-".repeat(72)}\n\n`;
  return `Reeve contains these packages.\n${line}${parts.join(line)}`;
}

async function firstThere(
  places: readonly string[],
): Promise<string | undefined> {
  for (const place of places) {
    const found = await Deno.stat(`${place}/package.json`)
      .catch(() => undefined);
    if (found !== undefined) return place;
  }
  return undefined;
}
