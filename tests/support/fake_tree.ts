/**
 * The directory tree of a fake world: paths, links and what is there.
 *
 * @module
 */

import { HostError } from "../../src/host/host.ts";

/** A file; one object is one inode. */
export interface FakeFile {
  /** Tells it from a directory. */
  readonly kind: "file";
  /** Content. */
  text: string;
  /** Permission bits. */
  mode: number;
  /** Last change in epoch milliseconds. */
  modifiedAt: number;
}

/** A directory; what is in it follows from the paths. */
export interface FakeDirectory {
  /** Tells it from a file. */
  readonly kind: "directory";
  /** Permission bits. */
  mode: number;
  /** Creation in epoch milliseconds. */
  modifiedAt: number;
}

/** Where a path leads. */
export interface Place {
  /** Path without links, as far as it exists. */
  readonly path: string;
  /** What is there. */
  readonly node: FakeFile | FakeDirectory | undefined;
  /** Whether the directory that would hold it is there. */
  readonly hasParent: boolean;
}

interface PathParts {
  readonly root: string;
  readonly separator: string;
  readonly names: readonly string[];
  /** Whether it ends like a path that can only be a directory. */
  readonly isDirectory: boolean;
}

const MAX_LINKS = 40;
const ROOT: FakeDirectory = { kind: "directory", mode: 0o755, modifiedAt: 0 };

function splitPath(path: string): PathParts {
  const drive = /^[A-Za-z]:/.exec(path)?.[0] ?? "";
  const separator = drive === "" ? "/" : "\\";
  const names = path.slice(drive.length)
    .split(drive === "" ? "/" : /[\\/]/);
  return {
    root: drive + separator,
    separator,
    names: names.filter((name) => name !== "" && name !== "."),
    isDirectory: names.at(-1) === "" || names.at(-1) === ".",
  };
}

/** Path of a name in a directory. */
function childOf(directory: string, name: string): string {
  const { root, separator } = splitPath(directory);
  return directory === root ? root + name : directory + separator + name;
}

/** The directory that holds a canonical path; a root holds itself. */
export function directoryOf(path: string): string {
  const { root, separator } = splitPath(path);
  const cut = path.lastIndexOf(separator);
  return cut < root.length ? root : path.slice(0, cut);
}

function moveKeys<T>(map: Map<string, T>, from: string, to: string): void {
  const below = from + splitPath(from).separator;
  for (const [path, value] of [...map]) {
    if (path !== from && !path.startsWith(below)) continue;
    map.delete(path);
    map.set(to + path.slice(from.length), value);
  }
}

/** Files, directories and symbolic links. */
export class FakeTree {
  readonly #links = new Map<string, string>();
  readonly #nodes = new Map<string, FakeFile | FakeDirectory>();

  /** What a canonical path names. */
  nodeAt(path: string): FakeFile | FakeDirectory | undefined {
    return path === splitPath(path).root ? ROOT : this.#nodes.get(path);
  }

  /** Whether a path itself is a symbolic link. */
  isLink(path: string): boolean {
    return this.#links.has(path);
  }

  /** Puts something in the place of whatever is there. */
  setNode(path: string, node: FakeFile | FakeDirectory): void {
    this.#links.delete(path);
    this.#nodes.set(path, node);
  }

  /** Puts a symbolic link there. */
  setLink(path: string, target: string): void {
    this.#nodes.delete(path);
    this.#links.set(path, target);
  }

  /** Takes away what is there. */
  delete(path: string): void {
    if (!this.#links.delete(path)) this.#nodes.delete(path);
  }

  /** Moves what is there, with everything below it. */
  move(from: string, to: string): void {
    if (from === to) return;
    this.delete(to);
    moveKeys(this.#links, from, to);
    moveKeys(this.#nodes, from, to);
  }

  /** Every path with what is there. */
  nodes(): Iterable<readonly [string, FakeFile | FakeDirectory]> {
    return this.#nodes;
  }

  /** Names in a directory, sorted. */
  namesIn(path: string): readonly string[] {
    const { root, separator } = splitPath(path);
    const start = path === root ? root : path + separator;
    return [...this.#nodes.keys(), ...this.#links.keys()]
      .filter((key) => key.startsWith(start))
      .map((key) => key.slice(start.length))
      .filter((name) => name !== "" && !name.includes(separator))
      .sort();
  }

  /** Follows a path like a kernel: `..` counts after the links before it. */
  resolve(path: string, last: "follow" | "keep" = "follow"): Place {
    const { root, names, isDirectory } = splitPath(path);
    const queue = [...names];
    let at = root;
    let followed = 0;
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const above = this.nodeAt(at);
      if (above === undefined) {
        return { path: at, node: undefined, hasParent: false };
      }
      if (above.kind === "file") throw new HostError("not_a_directory", path);
      const next = name === ".." ? directoryOf(at) : childOf(at, name);
      const target = this.#links.get(next);
      const isKept = last === "keep" && queue.length === 0 && !isDirectory;
      if (target === undefined || isKept) {
        at = next;
        continue;
      }
      if (++followed > MAX_LINKS) throw new HostError("io", path);
      const parts = splitPath(target);
      if (/^(?:[\\/]|[A-Za-z]:)/.test(target)) at = parts.root;
      queue.unshift(...parts.names);
    }
    const node = this.nodeAt(at);
    if (isDirectory && node?.kind === "file") {
      throw new HostError("not_a_directory", path);
    }
    return { path: at, node, hasParent: true };
  }

  /**
   * Creates a directory and those above it, like `mkdir -p`.
   *
   * @returns the directories that were not there before.
   */
  makeDirectories(path: string, mode: number, now: number): readonly string[] {
    const { root, names } = splitPath(path);
    const made: string[] = [];
    let at = root;
    for (const [index, name] of names.entries()) {
      const next = childOf(at, name);
      const place = this.resolve(next);
      const isLast = index === names.length - 1;
      const isTaken = place.node === undefined
        ? this.isLink(next)
        : place.node.kind === "file" && isLast;
      if (isTaken) throw new HostError("not_a_directory", path);
      at = place.path;
      if (place.node !== undefined) continue;
      this.#nodes.set(at, { kind: "directory", mode, modifiedAt: now });
      made.push(at);
    }
    return made;
  }
}
