import { assertEquals } from "@std/assert";
import { MOST_EXAMPLES, openFindings } from "./verify_findings.ts";

const TITLES = { "V-001": "One", "V-002": "Two" } as const;

Deno.test("openFindings() begins with every check of its table ok", () => {
  const ok = { verdict: "ok", details: "", examples: [] } as const;
  assertEquals(openFindings(TITLES).toChecks(), [
    { id: "V-001", title: "One", ...ok },
    { id: "V-002", title: "Two", ...ok },
  ]);
});

Deno.test("openFindings() counts every fault and shows some", () => {
  const findings = openFindings(TITLES);
  for (let at = 0; at < 9; at++) findings.fault("V-001", `fault ${at}`);
  const [check] = findings.toChecks();
  assertEquals([check?.verdict, check?.details], ["broken", "9 faults"]);
  assertEquals(check?.examples.length, MOST_EXAMPLES);
});

Deno.test("openFindings() calls broken what is also unknown", () => {
  const findings = openFindings(TITLES);
  findings.unknown("V-001", "no time");
  findings.unknown("V-002", "no time");
  findings.fault("V-001", "torn");
  const checks = findings.toChecks();
  assertEquals(checks.map(({ verdict }) => verdict), ["broken", "unknown"]);
  assertEquals(checks[1]?.details, "no time");
});
