/**
 * Paths as text. `node:path` would cost a command eight milliseconds of
 * start-up for the four functions that Reeve needs.
 *
 * @module
 */

/** Elsewhere a backslash is a letter like any other. */
function isWindowsPath(path: string): boolean {
  return /^(?:[A-Za-z]:|\\\\)/.test(path);
}

function separatorOf(path: string): "\\" | "/" {
  return isWindowsPath(path) ? "\\" : "/";
}

function lastCut(path: string): number {
  const slash = path.lastIndexOf("/");
  return isWindowsPath(path) ? Math.max(slash, path.lastIndexOf("\\")) : slash;
}

/** Joins a directory with names below it. */
export function joinPath(directory: string, ...names: string[]): string {
  const separator = separatorOf(directory);
  const ends = separator === "/" ? /\/+$/ : /[\\/]+$/;
  return [directory.replace(ends, ""), ...names].join(separator);
}

/** The directory that holds a path, or the path itself at a root. */
export function parentPath(path: string): string {
  const cut = lastCut(path);
  if (cut < 0) return ".";
  if (cut === 0) return path.slice(0, 1);
  return /^[A-Za-z]:$/.test(path.slice(0, cut))
    ? path.slice(0, cut + 1)
    : path.slice(0, cut);
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(lastCut(path) + 1);
}

/** Absolute form without `.` and `..`; relative paths count from `cwd`. */
export function absolutePath(cwd: string, path: string): string {
  const isWindows = isWindowsPath(path) || isWindowsPath(cwd);
  const starts = isWindows ? /^(?:[\\/]|[A-Za-z]:[\\/])/ : /^\//;
  const full = starts.test(path) ? path : joinPath(cwd, path);
  const separator = separatorOf(full);
  const drive = /^[A-Za-z]:/.exec(full)?.[0] ?? "";
  const names: string[] = [];
  const parts = full.slice(drive.length).split(isWindows ? /[\\/]/ : "/");
  for (const name of parts) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return drive + separator + names.join(separator);
}
