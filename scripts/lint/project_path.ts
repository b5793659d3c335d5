/**
 * Where a linted file is in the project.
 *
 * @module
 */

function withSlashes(path: string): string {
  // Windows tools disagree about the case of the drive letter.
  return path.replaceAll("\\", "/")
    .replace(/^[a-z]:/, (drive) => drive.toUpperCase());
}

/** Path of a linted file below the project root, or `undefined` outside. */
export function projectPath(
  filename: string,
  lintFolder: string = import.meta.dirname ?? "",
): string | undefined {
  const root = withSlashes(lintFolder).replace(/scripts\/lint$/, "");
  const path = withSlashes(filename);
  return path.startsWith(root) ? path.slice(root.length) : undefined;
}

/** Whether it is a test or a bench. */
export function isTest(path: string): boolean {
  return /_(test|bench)\.tsx?$/.test(path);
}

/** Whether it is below src/. */
export function isSource(path: string): boolean {
  return path.startsWith("src/");
}
