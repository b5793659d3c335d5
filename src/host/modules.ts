/**
 * Code that the person brings along, such as the handler of a queue.
 *
 * @module
 */

/** Loads modules that are no part of this program. */
export interface Modules {
  /**
   * Loads a module, once for each path, and gives what it exports. Its code
   * runs with all rights of this process. What is wrong with the file or
   * with something it imports is thrown as it comes.
   *
   * @param path absolute path of a TypeScript or JavaScript file.
   */
  load(path: string): Promise<Readonly<Record<string, unknown>>>;
}
