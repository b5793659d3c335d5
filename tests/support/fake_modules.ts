/**
 * Modules that a test makes up.
 *
 * @module
 */

import type { Modules } from "../../src/host/modules.ts";

/** What a module exports. */
export type Exports = Readonly<Record<string, unknown>>;

/** Modules by path; a missing one is refused as Deno does. */
export class FakeModules implements Modules {
  readonly #modules = new Map<string, Exports | Error>();

  /** Puts a module at a path, or the error that loading it gives. */
  put(path: string, content: Exports | Error): void {
    this.#modules.set(path, content);
  }

  /** Gives what the module exports. */
  load(path: string): Promise<Exports> {
    const found = this.#modules.get(path) ??
      new TypeError(`Module not found "file://${path}".`);
    return found instanceof Error
      ? Promise.reject(found)
      : Promise.resolve(found);
  }
}
