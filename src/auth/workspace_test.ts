import { assertEquals } from "@std/assert";
import { chooseWorkspace } from "./workspace.ts";

function workspace(slug: string, marks = "") {
  return {
    id: `id-${slug}`,
    slug,
    name: slug,
    role: "member",
    isPrivate: marks.includes("private"),
    isDefault: marks.includes("default"),
  };
}

const acme = workspace("acme");
const beta = workspace("beta", "default");
const mine = workspace("mine", "private");
const own = workspace("own", "private");

Deno.test.each([
  { name: "none", from: [], wanted: undefined, is: "none" },
  { name: "the only one", from: [acme], wanted: undefined, is: "acme" },
  {
    name: "the private one before the default one",
    from: [acme, beta, mine],
    wanted: undefined,
    is: "mine",
  },
  {
    name: "the default one",
    from: [acme, beta],
    wanted: undefined,
    is: "beta",
  },
  {
    name: "the default one of two private ones",
    from: [mine, own, beta],
    wanted: undefined,
    is: "beta",
  },
  {
    name: "nobody's first",
    from: [acme, workspace("zeta")],
    wanted: undefined,
    is: "ambiguous",
  },
  {
    name: "neither of two private ones",
    from: [mine, own],
    wanted: undefined,
    is: "ambiguous",
  },
  {
    name: "neither of two default ones",
    from: [beta, workspace("zeta", "default")],
    wanted: undefined,
    is: "ambiguous",
  },
  { name: "the named one", from: [acme, mine], wanted: "acme", is: "acme" },
  { name: "one by its id", from: [acme, mine], wanted: "id-acme", is: "acme" },
  { name: "no other one", from: [acme], wanted: "beta", is: "unknown" },
  { name: "no named one", from: [], wanted: "beta", is: "unknown" },
])("chooseWorkspace() takes $name: $is", ({ from, wanted, is }) => {
  const choice = chooseWorkspace(from, wanted);
  assertEquals(choice.kind === "chosen" ? choice.slug : choice.kind, is);
  if ("choices" in choice) {
    assertEquals(choice.choices, from.map(({ slug }) => slug));
  }
});
