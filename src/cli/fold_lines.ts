/**
 * Long lines on a narrow screen: folded, so that nothing of them is lost.
 *
 * @module
 */

import stringWidth from "fast-string-width";

/** Lines of which none is wider than the screen, in the same order. */
export function foldLines(
  lines: readonly string[],
  width: number,
): readonly string[] {
  return lines.flatMap((line) => foldLine(line, Math.max(2, width)));
}

function foldLine(line: string, width: number): readonly string[] {
  if (stringWidth(line) <= width) return [line];
  const folded: string[] = [];
  let part = "";
  let used = 0;
  for (const character of line) {
    const needed = stringWidth(character);
    if (used + needed > width) {
      folded.push(part);
      part = "";
      used = 0;
    }
    part += character;
    used += needed;
  }
  return [...folded, part];
}
