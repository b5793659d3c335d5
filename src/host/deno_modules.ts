/**
 * Modules of the person through Deno's `import()`.
 *
 * @module
 */

import type { Modules } from "./modules.ts";

function toUrl(path: string): string {
  const encoded = path.replaceAll("\\", "/").split("/")
    .map(encodeURIComponent).join("/");
  const isDrive = /^[A-Za-z]%3A\//.test(encoded);
  return isDrive
    ? `file:///${encoded.replace("%3A", ":")}`
    : `file://${encoded}`;
}

/** Real modules. */
export const denoModules: Modules = {
  load: (path) => import(toUrl(path)),
};
