import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Finding, formatFigure } from "./figure.ts";
import { formatPage } from "./page.ts";

const MACHINE = { day: "2026-01-02", text: "linux x64", versions: ["Deno 2"] };

function pageOf(...findings: readonly Finding[]): string {
  const section = { name: "idle", title: "Idle daemon", method: "In turns." };
  return formatPage(MACHINE, [{ ...section, findings }]);
}

const COMPARED = { name: "start", ours: 10, unit: "ms" };

Deno.test.each([
  { value: 40, text: "pm2 40 (0.25 ×)" },
  { value: 10, text: "pm2 10 (even)" },
  { value: 9.96, text: "pm2 9.96 (1.00 ×)" },
  { value: 5, text: "pm2 5 (2.00 ×, behind)" },
  { value: 0, text: "pm2 0 (behind)" },
  { value: 0.1234, text: "pm2 0.123 (81.04 ×, behind)" },
  { value: 123.4, text: "pm2 123 (0.08 ×)" },
])("ten of ours beside $value reads $text", ({ value, text }) => {
  const finding = { ...COMPARED, theirs: [{ name: "pm2", value }] };
  assertEquals(formatFigure(finding), `        start: 10 ms; ${text}`);
  assertStringIncludes(
    pageOf(finding),
    `| start | 10 ms | ${text.replace("behind", "**behind**")} |`,
  );
});

Deno.test.each([
  { value: 2, line: "  ok    memory: 2 MiB (limit 2)  alone", remark: "alone" },
  {
    value: 2.5,
    line: "  OVER  memory: 2.50 MiB (limit 2)  alone",
    remark: "**over the limit** alone",
  },
])("$value beside a limit of 2 is $remark", ({ value, line, remark }) => {
  const finding = {
    name: "memory",
    value,
    limit: 2,
    unit: "MiB",
    note: "alone",
  };
  assertEquals(formatFigure(finding), line);
  assertStringIncludes(pageOf(finding), `MiB | 2 | ${remark} |`);
});

Deno.test("formatPage() says what was not measured, and why", () => {
  const reason = "not installed here: apt-get install s6";
  const page = pageOf({ name: "idle s6", reason });
  assertStringIncludes(page, `\n- Not measured: idle s6 (${reason})\n`);
  assert(!page.includes("| What"));
});

Deno.test("formatPage() keeps what would end a cell or begin a tag", () => {
  const page = pageOf({ name: "a|b <c>", value: 1, limit: 1, unit: "" });
  assertStringIncludes(page, "| a\\|b \\<c\\> | 1 | 1 |");
});

Deno.test("formatPage() names the day, the machine and the versions", () => {
  const page = pageOf();
  assertStringIncludes(page, "| Day | 2026-01-02 |\n");
  assertStringIncludes(page, "| Machine | linux x64 |\n");
  assertStringIncludes(page, "| Versions | Deno 2 |\n");
  assertStringIncludes(
    page,
    "## Idle daemon\n\nIn turns. `deno task bench idle`",
  );
});
