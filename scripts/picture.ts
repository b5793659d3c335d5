/**
 * Draws what a command prints as it looks on a terminal.
 *
 * The picture of the doctor is the report of a real run, in the very document
 * that `reeve auth doctor --json` printed, laid out by the code that lays it
 * out for people. Only pids and the home directory were replaced in it, and
 * the evidence left out, which the table does not show.
 *
 * @module
 */

import report from "../docs/images/doctor.json" with { type: "json" };
import { formatReport } from "../src/cli/doctor_text.ts";
import type { DoctorReport } from "../src/doctor/report.ts";

const COLUMNS = 80;
const FONT_PX = 13;
const CHARACTER_PX = 7.8;
const LINE_PX = 18;
const MARGIN_PX = 18;
const BAR_PX = 30;

/** Colours that can be read on a page of any colour. */
const BACKGROUND = "#1e2229";
const BAR = "#2b313b";
const TEXT = "#d5dae3";
const BUTTONS = ["#ec6a5e", "#f4bf4f", "#61c554"];

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const ESCAPE = "\u001b";
const STYLE = new RegExp(`${ESCAPE}\\[(\\d+)m`);

/** Classes for what a terminal is told; 0 is the end of it. */
const STYLES: Readonly<Record<string, string>> = {
  "1": "bold",
  "2": "dim",
  "31": "red",
  "33": "yellow",
};

/** Reads the styled parts of a line; anything else but text is refused. */
function toSpans(line: string): string {
  let style: string | undefined;
  return line.split(STYLE).map((part, at) => {
    if (at % 2 === 1) {
      style = STYLES[part];
      if (style === undefined && part !== "0") {
        throw new TypeError(`Cannot draw the style ${part}`);
      }
      return "";
    }
    if (/\p{Cc}/u.test(part)) {
      throw new TypeError(`Cannot draw ${JSON.stringify(part)}`);
    }
    const text = escapeXml(part);
    if (style === undefined || text === "") return text;
    return `<tspan class="${style}">${text}</tspan>`;
  }).join("");
}

/** Draws lines with styled parts as a window of a terminal, as SVG. */
export function drawTerminal(title: string, text: string): string {
  const lines = text.split("\n");
  const width = Math.ceil(COLUMNS * CHARACTER_PX) + 2 * MARGIN_PX;
  const height = BAR_PX + lines.length * LINE_PX + 2 * MARGIN_PX;
  const rows = lines.map((line, at) => {
    const y = BAR_PX + MARGIN_PX + (at + 0.75) * LINE_PX;
    return line === ""
      ? ""
      : `  <text xml:space="preserve" x="${MARGIN_PX}" y="${y}">` +
        `${toSpans(line)}</text>\n`;
  });
  const buttons = BUTTONS.map((color, at) =>
    `  <circle cx="${MARGIN_PX + 4 + at * 20}" cy="${BAR_PX / 2}" r="6" ` +
    `fill="${color}"/>\n`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" ` +
    `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
  <title>${escapeXml(title)}</title>
  <style>
    text {
      font: ${FONT_PX}px ui-monospace, SFMono-Regular, Menlo, Consolas,
        "DejaVu Sans Mono", monospace;
      fill: ${TEXT};
      white-space: pre;
    }
    .bold { font-weight: bold; fill: #ffffff; }
    .dim { fill: #8f98a8; }
    .red { fill: #f2777a; }
    .yellow { fill: #e6c07b; }
  </style>
  <rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
  <path d="M0 ${BAR_PX}V8a8 8 0 0 1 8-8H${
      width - 8
    }a8 8 0 0 1 8 8V${BAR_PX}z" ` +
    `fill="${BAR}"/>
${buttons.join("")}${rows.join("")}</svg>
`;
}

/** The picture of the doctor's report. */
export function doctorPicture(): string {
  const shown = report as unknown as DoctorReport;
  const text = formatReport(shown, { columns: COLUMNS, hasColor: true });
  // What stands before it is empty on a machine where nobody has signed in.
  const [, rest = ""] = text.split(new RegExp(`\n(?=.*Daemon${ESCAPE})`));
  return drawTerminal("reeve auth doctor", `$ reeve auth doctor\n…\n\n${rest}`);
}
