/**
 * Who may import whom.
 *
 * @module
 */

import { isSource, isTest } from "./project_path.ts";

const DOMAINS = [
  "auth",
  "daemon",
  "environment",
  "jobs",
  "queue",
  "receiver",
  "sync",
];
const BASE = ["config", "host", "process", "state"];

/**
 * What a folder of src/ (or a file beside the folders) may import besides
 * itself; a layer without a row may import nothing.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  host: [],
  process: ["host"],
  state: ["host"],
  config: ["host", "state"],
  daemon: BASE,
  environment: BASE,
  queue: ["host", "state"],
  auth: ["config", "host", "state"],
  jobs: ["config", "host", "state"],
  receiver: ["host", "queue"],
  sync: ["config", "host", "queue", "state"],
  doctor: [...DOMAINS, ...BASE],
  library: [...DOMAINS, ...BASE],
  cli: [...DOMAINS, ...BASE, "doctor"],
  "main.ts": ["cli", "host"],
  "mod.ts": [...DOMAINS, ...BASE, "doctor", "library"],
  "version.ts": ["deno.json"],
};

const FOR_ALL = ["src/errors.ts", "src/version.ts"];
const FAKE_HOST = "src/host/fake";
const SUPPORT = "#support/";

function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(SUPPORT)) {
    return specifier.replace(SUPPORT, "tests/support/");
  }
  if (!/^\.\.?\//.test(specifier)) return undefined;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function layerOf(path: string): string {
  if (isSource(path)) return path.split("/")[1] ?? "";
  // The slash keeps a folder beside src/ apart from its namesake inside.
  return path.slice(0, path.lastIndexOf("/") + 1) || path;
}

function labelOf(path: string): string {
  return (isSource(path) ? "src/" : "") + layerOf(path).replace(/\/$/, "");
}

/** What is wrong with an import, if anything is. */
export function layerProblem(
  from: string,
  specifier: string,
  isType: boolean,
): string | undefined {
  const target = resolveImport(from, specifier);
  if (target === undefined || FOR_ALL.includes(target)) return undefined;
  if (isTest(from)) {
    if (specifier.startsWith(SUPPORT)) return undefined;
    if (target.startsWith(FAKE_HOST)) return undefined;
  }
  const importer = from.replace(/_(test|bench)(?=\.tsx?$)/, "");
  const layer = layerOf(importer);
  const targetLayer = layerOf(target);
  if (layer === targetLayer) return undefined;
  if (!MAY_IMPORT[layer]?.includes(targetLayer)) {
    return `${labelOf(importer)} may not import ${labelOf(target)}`;
  }
  if (layer === "mod.ts" && targetLayer === "host" && !isType) {
    return "mod.ts may import only types from src/host";
  }
  return undefined;
}
