import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { choosePlans, featureOf, isPlan, type PlanFile } from "./plan_file.ts";
import { isFeatureName } from "./route_words.ts";
import { iterationsIn } from "./worktree_name.ts";

function plan(name: string): PlanFile {
  return { name, file: `${name}.md`, feature: featureOf(name) };
}

const PLANS = [
  "features/cart",
  "features/checkout",
  "fixes/cart",
  "fixes/a-b",
  "fixes/a_b",
  "é/ü",
].map(plan);
const PREFIXES = ["plans", "/r/plans"];

Deno.test.each([
  { text: "features cart.md", is: true },
  { text: "features CART.MD", is: true },
  { text: "features README.md", is: false },
  { text: "features readme.md", is: false },
  { text: "features OLD_PLAN.md", is: false },
  { text: "features .hidden.md", is: false },
  { text: "features cart.txt", is: false },
  { text: "features cart", is: false },
  { text: "done cart.md", is: false },
  { text: ".git cart.md", is: false },
])("isPlan() of $text", ({ is, text }) => {
  const [folder = "", file = ""] = text.split(" ");
  assertEquals(isPlan(folder, file), is);
});

Deno.test.each([
  { name: "features/checkout", is: "features_checkout" },
  { name: "Fixes/2026-07 Log-in!", is: "fixes_2026_07_log_in" },
  { name: "_x_/__y", is: "x_y" },
  { name: "é/ü", is: "" },
])("featureOf($name)", ({ is, name }) => {
  assertEquals(featureOf(name), is);
});

Deno.test("featureOf() gives names that may be part of a path, or none", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => {
    const feature = featureOf(name);
    assert(feature === "" || isFeatureName(feature));
  }));
});

Deno.test.each([
  { text: "features/checkout", is: "features/checkout" },
  { text: "features/checkout.md", is: "features/checkout" },
  { text: "./plans/features/checkout.md", is: "features/checkout" },
  { text: "/r/plans/features/checkout.md", is: "features/checkout" },
  { text: "plans\\features\\checkout.md", is: "features/checkout" },
  { text: "checkout", is: "features/checkout" },
  { text: "checkout.md", is: "features/checkout" },
  { text: "checkout features/checkout", is: "features/checkout" },
  {
    text: "fixes/cart checkout",
    is: "fixes/cart features/checkout",
  },
])("choosePlans() of $text", ({ is, text }) => {
  const choice = choosePlans(PLANS, text.split(" "), PREFIXES);
  assert(choice.kind === "plans");
  assertEquals(choice.plans.map(({ name }) => name).join(" "), is);
});

Deno.test.each([
  { text: "cart", says: /cart may be features\/cart or fixes\/cart; / },
  { text: "chekout", says: /no plan "chekout"; Did you mean checkout\?$/ },
  { text: "zzzzzzzz", says: /no plan .*; There are: features\/cart, / },
  { text: "../features/cart", says: /^There is no plan/ },
  { text: "/etc/passwd", says: /^There is no plan/ },
  { text: "checkout nothing-like-it", says: /"nothing-like-it"/ },
  { text: "fixes/a-b", says: /fixes\/a-b and fixes\/a_b have the same/ },
  { text: "ü", says: /has no letter from a to z/ },
])("choosePlans() refuses $text", ({ says, text }) => {
  const choice = choosePlans(PLANS, text.split(" "), PREFIXES);
  assert(choice.kind === "fault");
  const { hint, message } = choice.fault;
  assertMatch(`${message}; ${hint}`, says);
});

Deno.test("iterationsIn() counts, and leaves everything else out", () => {
  const names = ["10", "2", "01", "0", "x", ".replaced-1", "1a", "3"];
  assertEquals(iterationsIn(names), [2, 3, 10]);
});
