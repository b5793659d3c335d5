/**
 * Paths as text. `node:path` would cost a command eight milliseconds of
 * start-up for the four functions that Reeve needs.
 *
 * @module
 */

function separatorOf(path: string): "\\" | "/" {
  return /^[A-Za-z]:|\\/.test(path) ? "\\" : "/";
}

/** Joins a directory with names below it. */
export function joinPath(directory: string, ...names: string[]): string {
  const separator = separatorOf(directory);
  const start = directory.replace(/[\\/]+$/, "");
  return [start, ...names].join(separator);
}

/** The directory that holds a path, or the path itself at a root. */
export function parentPath(path: string): string {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  if (cut < 0) return ".";
  if (cut === 0) return path.slice(0, 1);
  return /^[A-Za-z]:$/.test(path.slice(0, cut))
    ? path.slice(0, cut + 1)
    : path.slice(0, cut);
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(
    Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1,
  );
}

/** Absolute form without `.` and `..`; relative paths count from `cwd`. */
export function absolutePath(cwd: string, path: string): string {
  const isAbsolute = /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
  const full = isAbsolute ? path : joinPath(cwd, path);
  const separator = separatorOf(full);
  const drive = /^[A-Za-z]:/.exec(full)?.[0] ?? "";
  const names: string[] = [];
  for (const name of full.slice(drive.length).split(/[\\/]/)) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return drive + separator + names.join(separator);
}
