/**
 * The disk of a fake world: a tree with locks, failures and a journal.
 *
 * @module
 */

import { HostError, type HostErrorCode } from "../../src/host/host.ts";
import { absolutePath } from "../../src/host/path.ts";
import { directoryOf, type FakeFile, FakeTree } from "./fake_tree.ts";

/** Names of the file operations that can be made to fail. */
export type FileOperation =
  | "append"
  | "appendLocked"
  | "list"
  | "lockWrite"
  | "makeDirectory"
  | "moveTail"
  | "openDatabase"
  | "readSlice"
  | "readText"
  | "realPath"
  | "remove"
  | "rename"
  | "stat"
  | "takeLocked"
  | "touch"
  | "tryLock"
  | "writeAtomic";

/** Narrows a failure. */
export interface FailureOptions {
  /** Only this operation fails. @default every operation */
  readonly operation?: FileOperation;
  /** Ends after so many failures. @default never */
  readonly times?: number;
}

/** Facts of a file that a test puts on the disk. */
export interface PutOptions {
  /** Permission bits. @default 0o600 */
  readonly mode?: number;
  /** Last change in epoch milliseconds. @default now */
  readonly modifiedAt?: number;
}

interface Failure {
  readonly matches: (path: string) => boolean;
  readonly code: HostErrorCode;
  readonly operation: FileOperation | undefined;
  left: number;
}

const DIRECTORY_MODE = 0o755;
/** The ordinary user of a fake world. */
const FIRST_UID = 1000;

/** Files, directories, links and locks of a fake world. */
export class FakeDisk {
  /** Every path that was changed through a host, in order. */
  readonly writes: string[] = [];
  /** What is where. */
  readonly tree: FakeTree = new FakeTree();
  readonly #owners = new WeakMap<object, number>();
  readonly #locks = new Map<object, object>();
  readonly #failures = new Set<Failure>();
  readonly #now: () => number;

  /** Creates an empty disk that dates changes with `now`. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Puts a file there without a note in `writes`. */
  put(path: string, text: string, options: PutOptions = {}): void {
    const full = absolutePath("/", path);
    this.putDirectory(directoryOf(full));
    const { mode = 0o600, modifiedAt = this.#now() } = options;
    this.tree.setNode(full, { kind: "file", text, mode, modifiedAt });
  }

  /** Puts a directory there without a note in `writes`. */
  putDirectory(path: string, mode: number = DIRECTORY_MODE): void {
    this.tree.makeDirectories(absolutePath("/", path), mode, this.#now());
  }

  /** Gives what is there to a user. */
  setOwner(path: string, uid: number): void {
    const { node } = this.tree.resolve(path);
    if (node !== undefined) this.#owners.set(node, uid);
  }

  /** Who owns a file or directory. */
  uidOf(node: object): number {
    return this.#owners.get(node) ?? FIRST_UID;
  }

  /** Puts a symbolic link there. */
  putLink(path: string, target: string): void {
    const full = absolutePath("/", path);
    this.putDirectory(directoryOf(full));
    this.tree.setLink(full, target);
  }

  /** Takes a file, link or directory away without a note in `writes`. */
  take(path: string): void {
    this.tree.delete(absolutePath("/", path));
  }

  /** Content of a file, or `undefined` without one. */
  textOf(path: string): string | undefined {
    const { node } = this.tree.resolve(path);
    return node?.kind === "file" ? node.text : undefined;
  }

  /** Every file's content by path, in order of paths. */
  texts(): Readonly<Record<string, string>> {
    const files = [...this.tree.nodes()].flatMap(([path, node]) =>
      node.kind === "file" ? [[path, node.text] as const] : []
    );
    return Object.fromEntries(files.sort(([a], [b]) => a < b ? -1 : 1));
  }

  /** Makes operations fail; returns how to end that. */
  fail(
    target: string | ((path: string) => boolean),
    code: HostErrorCode,
    options: FailureOptions = {},
  ): () => void {
    const failure: Failure = {
      matches: typeof target === "function"
        ? target
        : (path) => absolutePath("/", path) === absolutePath("/", target),
      code,
      operation: options.operation,
      left: options.times ?? Infinity,
    };
    this.#failures.add(failure);
    return () => this.#failures.delete(failure);
  }

  /** Throws the failure that a test wants for this operation, if any. */
  check(operation: FileOperation, path: string): void {
    for (const failure of this.#failures) {
      const isMeant = (failure.operation ?? operation) === operation;
      if (!isMeant || !failure.matches(path)) continue;
      if (failure.left-- > 0) throw new HostError(failure.code, path);
    }
  }

  /** Creates the directories above a path, as private ones. */
  makeParents(path: string): void {
    const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
    const parent = path.slice(0, Math.max(cut, 0)) || "/";
    this.makeDirectory(parent);
  }

  /** Puts a new file in the place of whatever is there. */
  replace(path: string, text: string): FakeFile {
    const modifiedAt = this.#now();
    const file: FakeFile = { kind: "file", text, mode: 0o600, modifiedAt };
    this.tree.setNode(path, file);
    this.writes.push(path);
    return file;
  }

  /** Changes a file in its place, even one that no path leads to any more. */
  change(file: FakeFile, path: string, text: string): void {
    file.text = text;
    file.modifiedAt = this.#now();
    this.writes.push(path);
  }

  /** Creates a directory and those above it, as private ones. */
  makeDirectory(path: string): void {
    this.writes.push(...this.tree.makeDirectories(path, 0o700, this.#now()));
  }

  /** Gives what is there another name, in the place of what has it. */
  move(from: string, to: string): void {
    this.tree.move(from, to);
    this.writes.push(from, to);
  }

  /** Removes what is there. */
  delete(path: string): void {
    this.tree.delete(path);
    this.writes.push(path);
  }

  /** Locks a file or directory for its owner, unless somebody has it. */
  lock(node: object, owner: object): boolean {
    if (this.#locks.has(node)) return false;
    this.#locks.set(node, owner);
    return true;
  }

  /** Releases the lock on a file or directory. */
  unlock(node: object): void {
    this.#locks.delete(node);
  }

  /** Releases every lock of a process that has ended. */
  unlockAll(owner: object): void {
    for (const [node, holder] of this.#locks) {
      if (holder === owner) this.#locks.delete(node);
    }
  }
}
