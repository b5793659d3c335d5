import { assertEquals, assertThrows } from "@std/assert";
import { KnownError } from "../errors.ts";
import {
  checkEnv,
  fillEnv,
  fillPlaceholders,
  placeholdersIn,
} from "./template_fill.ts";

const FACTS = {
  port: 8001,
  ports: new Map([["web", 9001], ["postgres", 5433]]),
  projectRoot: "/p",
  serviceDirectory: "/p/api",
  serviceName: "api",
};

Deno.test.each([
  { text: "--port={port}", is: "--port=8001" },
  { text: "{port}{port}", is: "80018001" },
  { text: "{port:web},{port:postgres}", is: "9001,5433" },
  { text: "{project_root}/x {service_dir}", is: "/p/x /p/api" },
  { text: "{service_name}", is: "api" },
  { text: '{"port":1} {other} {}', is: '{"port":1} {other} {}' },
  { text: "${port}", is: "${port}" },
])("fillPlaceholders() fills $text", ({ text, is }) => {
  assertEquals(fillPlaceholders(text, FACTS), is);
});

Deno.test.each([
  { text: "{port}", facts: { ...FACTS, port: undefined } },
  { text: "{port:db}", facts: FACTS },
])("fillPlaceholders() refuses $text of nothing", ({ text, facts }) => {
  const error = assertThrows(() => fillPlaceholders(text, facts), KnownError);
  assertEquals(error.message, `Cannot fill ${text} for api: it has no port`);
});

Deno.test("placeholdersIn() names each that counts", () => {
  assertEquals(placeholdersIn("{port:web} ${port} {x} {port}"), [
    "port:web",
    "port",
  ]);
});

const SOURCES = new Map([
  ["DATABASE_URL", { value: "postgres://u:${X}{port}$${Y}@h" }],
  ["EMPTY", { value: "" }],
]);

Deno.test.each([
  { name: "plain text", env: { A: "b c" }, is: { A: "b c" } },
  { name: "a placeholder", env: { PORT: "{port}" }, is: { PORT: "8001" } },
  { name: "an empty source", env: { A: "[${EMPTY}]" }, is: { A: "[]" } },
  {
    name: "a source, and nothing that comes with it",
    env: { A: "${DATABASE_URL}" },
    is: { A: "postgres://u:${X}{port}$${Y}@h" },
  },
  {
    name: "an earlier variable before a source",
    env: { EMPTY: "own", A: "${EMPTY}" },
    is: { EMPTY: "own", A: "own" },
  },
  {
    name: "a variable of the same name from its source",
    env: { EMPTY: "x${EMPTY}" },
    is: { EMPTY: "x" },
  },
  { name: "an escape", env: { A: "$${EMPTY}" }, is: { A: "${EMPTY}" } },
  { name: "a lone sign", env: { A: "$5 $HOME" }, is: { A: "$5 $HOME" } },
])("fillEnv() fills $name", ({ env, is }) => {
  assertEquals(fillEnv(env as Record<string, string>, SOURCES, FACTS), {
    env: is as Record<string, string>,
    dropped: [],
  });
});

Deno.test("fillEnv() leaves out what has no value now, and what needs it", () => {
  const env = { A: "${REDIS_URL}", B: "x${A}", C: "c" };
  assertEquals(fillEnv(env, SOURCES, FACTS), {
    env: { C: "c" },
    dropped: [{ name: "A", source: "REDIS_URL" }, { name: "B", source: "A" }],
  });
});

const KNOWN = new Map([
  ["DATABASE_URL", { isSecret: true }],
  ["SERVICE_API_URL", { isSecret: false }],
]);
const SECRET = "would show a secret of a dependency to browsers";

Deno.test.each([
  { slug: "api", env: { A: "${DATABASE_URL}" }, problems: [] },
  { slug: "web", env: { VITE_API: "${SERVICE_API_URL}" }, problems: [] },
  { slug: "web", env: { A: "1", B: "${A}" }, problems: [] },
  { slug: "web", env: { VITE_A: "$${DATABASE_URL}" }, problems: [] },
  { slug: "web", env: { VITE_DB: "${DATABASE_URL}" }, problems: [SECRET] },
  {
    slug: "api",
    env: { NEXT_PUBLIC_DB: "${DATABASE_URL}" },
    problems: [SECRET],
  },
  { slug: "frontend", env: { DB: "${DATABASE_URL}" }, problems: [SECRET] },
  {
    slug: "web",
    env: { DB: "${DATABASE_URL}", VITE_DB: "x${DB}" },
    problems: [SECRET],
  },
  {
    slug: "api",
    env: { B: "${A}", A: "1" },
    problems: ["names ${A}, which nothing provides"],
  },
  {
    slug: "api",
    env: { A: "${a b}" },
    problems: ["has a ${…} without the name of a variable; $${ stands for ${"],
  },
])("checkEnv() judges $env of $slug", ({ slug, env, problems }) => {
  const found = checkEnv(slug, { ...env }, KNOWN);
  assertEquals(found.map(({ reason }) => reason), [...problems]);
});
