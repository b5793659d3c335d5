/**
 * Lint rules that keep the shape of the source tree: who may import whom,
 * where the world may be touched, how files are named.
 *
 * @module
 */

const DOMAINS = [
  "auth",
  "daemon",
  "environment",
  "jobs",
  "queue",
  "receiver",
  "sync",
];
const BASE = ["config", "host", "process", "state"];

/**
 * What a folder of src/ (or a file beside the folders) may import besides
 * itself; a layer without a row may import nothing.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  host: [],
  process: ["host"],
  state: ["host"],
  config: ["host", "state"],
  daemon: BASE,
  environment: BASE,
  queue: ["host", "state"],
  auth: ["config", "host", "state"],
  jobs: ["config", "host", "state"],
  receiver: ["host", "queue"],
  sync: ["config", "host", "queue", "state"],
  doctor: [...DOMAINS, ...BASE],
  library: [...DOMAINS, ...BASE],
  cli: [...DOMAINS, ...BASE, "doctor"],
  "main.ts": ["cli", "host"],
  "mod.ts": [...DOMAINS, ...BASE, "doctor", "library"],
  "version.ts": ["deno.json"],
};

const FOR_ALL = ["src/errors.ts", "src/version.ts"];
const FAKE_HOST = "src/host/fake";
const SUPPORT = "#support/";

/** Global names and members that reach the world, and what replaces each. */
export const EFFECTS: ReadonlyMap<string, string> = new Map([
  ["Deno", "host"],
  ["process", "host"],
  ["navigator", "host.env"],
  ["localStorage", "host.files"],
  ["sessionStorage", "host.files"],
  ["fetch", "host.network"],
  ["WebSocket", "host.network"],
  ["Worker", "host.processes"],
  ["alert", "host.terminal"],
  ["confirm", "host.terminal"],
  ["prompt", "host.terminal"],
  ["setTimeout", "host.clock"],
  ["setInterval", "host.clock"],
  ["setImmediate", "host.clock"],
  ["clearTimeout", "host.clock"],
  ["clearInterval", "host.clock"],
  ["clearImmediate", "host.clock"],
  ["performance", "host.clock"],
  ["AbortSignal.timeout", "host.clock"],
  ["Date.now", "host.clock"],
  ["Date()", "host.clock"],
  ["new Date()", "host.clock"],
  ["Temporal.Now", "host.clock"],
  ["Math.random", "host.random"],
  ["crypto.randomUUID", "host.random"],
  ["crypto.getRandomValues", "host.random"],
]);

// These expressions carry a value although their node is called TS….
const VALUE_NODES = [
  "TSAsExpression",
  "TSInstantiationExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
];

const EMPTY_WORDS =
  /^(utils?|helpers?|common|shared|manager|support|facade|core|misc)$/;

const NOTES = /\b(?:FIXME|TODO|XXX)\b|#\d+\b|\b([A-Z]{2,5})-\d+\b/g;
const STANDARDS = ["AES", "ES", "HS", "IEEE", "ISO", "RFC", "SHA", "UTF"];

type Context = Deno.lint.RuleContext;
type Visitor = Deno.lint.LintVisitor;
type Node = Deno.lint.Node;
type Identifier = Deno.lint.Identifier;

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

function isTest(path: string): boolean {
  return /_(test|bench)\.tsx?$/.test(path);
}

function isSource(path: string): boolean {
  return path.startsWith("src/");
}

function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(SUPPORT)) {
    return specifier.replace(SUPPORT, "tests/support/");
  }
  if (!/^\.\.?\//.test(specifier)) return undefined;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function layerOf(path: string): string {
  if (isSource(path)) return path.split("/")[1] ?? "";
  // The slash keeps a folder beside src/ apart from its namesake inside.
  return path.slice(0, path.lastIndexOf("/") + 1) || path;
}

function labelOf(path: string): string {
  return (isSource(path) ? "src/" : "") + layerOf(path).replace(/\/$/, "");
}

function layerProblem(
  from: string,
  specifier: string,
  isType: boolean,
): string | undefined {
  const target = resolveImport(from, specifier);
  if (target === undefined || FOR_ALL.includes(target)) return undefined;
  if (isTest(from)) {
    if (specifier.startsWith(SUPPORT)) return undefined;
    if (target.startsWith(FAKE_HOST)) return undefined;
  }
  const importer = from.replace(/_(test|bench)(?=\.tsx?$)/, "");
  const layer = layerOf(importer);
  const targetLayer = layerOf(target);
  if (layer === targetLayer) return undefined;
  if (!MAY_IMPORT[layer]?.includes(targetLayer)) {
    return `${labelOf(importer)} may not import ${labelOf(target)}`;
  }
  if (layer === "mod.ts" && targetLayer === "host" && !isType) {
    return "mod.ts may import only types from src/host";
  }
  return undefined;
}

function constantText(node: Node): string | undefined {
  if (node.type === "TSLiteralType") return constantText(node.literal);
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) {
    return node.quasis[0]?.cooked;
  }
  if (node.type !== "Literal") return undefined;
  return typeof node.value === "string" ? node.value : undefined;
}

function importVisitor(
  visit: (node: Node, specifier: string, isType: boolean) => void,
): Visitor {
  function inspect(node: Node, source: Node | null, kind: string): void {
    const specifier = source === null ? undefined : constantText(source);
    if (specifier !== undefined) visit(node, specifier, kind === "type");
  }
  return {
    ImportDeclaration: (node) => inspect(node, node.source, node.importKind),
    ExportAllDeclaration: (node) => inspect(node, node.source, node.exportKind),
    ExportNamedDeclaration: (node) =>
      inspect(node, node.source, node.exportKind),
    ImportExpression: (node) => inspect(node, node.source, "value"),
    TSImportType: (node) => inspect(node, node.argument, "type"),
  };
}

type Pattern = Node | Deno.lint.Parameter | null;

function boundNames(pattern: Pattern): readonly string[] {
  if (pattern === null) return [];
  if (pattern.type === "Identifier") return [pattern.name];
  if (pattern.type === "AssignmentPattern") return boundNames(pattern.left);
  if (pattern.type === "RestElement") return boundNames(pattern.argument);
  if (pattern.type === "Property") return boundNames(pattern.value);
  if (pattern.type === "ArrayPattern") {
    return pattern.elements.flatMap(boundNames);
  }
  if (pattern.type === "ObjectPattern") {
    return pattern.properties.flatMap(boundNames);
  }
  return [];
}

function declarationVisitor(declared: Set<string>): Visitor {
  function declare(...patterns: readonly Pattern[]): void {
    for (const name of patterns.flatMap(boundNames)) declared.add(name);
  }
  return {
    VariableDeclarator: ({ id }) => declare(id),
    FunctionDeclaration: ({ id, params }) => declare(id, ...params),
    FunctionExpression: ({ id, params }) => declare(id, ...params),
    ArrowFunctionExpression: ({ params }) => declare(...params),
    ClassDeclaration: ({ id }) => declare(id),
    ClassExpression: ({ id }) => declare(id),
    CatchClause: ({ param }) => declare(param),
    ImportSpecifier: ({ local }) => declare(local),
    ImportDefaultSpecifier: ({ local }) => declare(local),
    ImportNamespaceSpecifier: ({ local }) => declare(local),
  };
}

// Nodes are compared by where they start: the tree is handed out as views.
function isSame(a: Node, b: Node): boolean {
  return a.range[0] === b.range[0] && a.range[1] === b.range[1];
}

function isPropertyName(node: Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return !parent.computed && isSame(parent.property, node);
    case "Property":
      return !parent.computed && !parent.shorthand && isSame(parent.key, node);
    case "MethodDefinition":
    case "PropertyDefinition":
      return !parent.computed && isSame(parent.key, node);
    case "BreakStatement":
    case "ContinueStatement":
    case "ExportSpecifier":
    case "ImportSpecifier":
    case "LabeledStatement":
      return true;
    default:
      return false;
  }
}

function isInType(context: Context, node: Identifier): boolean {
  return context.sourceCode.getAncestors(node).some(({ type }) =>
    type.startsWith("TS") && !VALUE_NODES.includes(type)
  );
}

type Path = Identifier | Deno.lint.MemberExpression;

function memberPath(
  node: Identifier,
): { readonly names: readonly string[]; readonly end: Path } {
  const names = [node.name];
  let end: Path = node;
  while (end.parent.type === "MemberExpression") {
    const member: Deno.lint.MemberExpression = end.parent;
    const { property } = member;
    const isPlain = !member.computed && property.type === "Identifier";
    const name = isPlain ? property.name : constantText(property);
    if (name === undefined || !isSame(member.object, end)) break;
    names.push(name);
    end = member;
  }
  return { names: names[0] === "globalThis" ? names.slice(1) : names, end };
}

function effectOf(node: Identifier): string | undefined {
  const { names, end } = memberPath(node);
  const [first = "", second] = names;
  if (EFFECTS.has(first)) return first;
  const member = `${first}.${second}`;
  if (EFFECTS.has(member)) return member;
  if (names.join() !== "Date") return undefined;
  const { parent } = end;
  if (parent.type === "CallExpression" && isSame(parent.callee, end)) {
    return "Date()";
  }
  if (parent.type !== "NewExpression" || !isSame(parent.callee, end)) {
    return undefined;
  }
  // With arguments it only converts what it is given.
  return parent.arguments.length === 0 ? "new Date()" : undefined;
}

function createLayers(context: Context): Visitor {
  const path = projectPath(context.filename);
  if (path === undefined) return {};
  if (!isSource(path) && path !== "mod.ts") return {};
  return importVisitor((node, specifier, isType) => {
    const message = layerProblem(path, specifier, isType);
    if (message !== undefined) context.report({ node, message });
  });
}

function createEffects(context: Context): Visitor {
  const path = projectPath(context.filename);
  if (path === undefined || !isSource(path) || isTest(path)) return {};
  if (path.startsWith("src/host/") || path === "src/main.ts") return {};
  const declared = new Set<string>();
  // By position: `{ fetch }` shows its identifier both as key and as value.
  const uses = new Map<number, { node: Identifier; effect: string }>();
  function report(node: Node, effect: string): void {
    const instead = EFFECTS.get(effect) ?? "host";
    const message = `${effect} is an ambient effect: take ${instead}`;
    context.report({ node, message });
  }
  return {
    ...declarationVisitor(declared),
    ...importVisitor((node, specifier) => {
      if (!specifier.startsWith("node:")) return;
      report(node, specifier);
    }),
    Identifier(node) {
      const effect = effectOf(node);
      if (effect === undefined) return;
      if (isPropertyName(node) || isInType(context, node)) return;
      uses.set(node.range[0], { node, effect });
    },
    "Program:exit"() {
      for (const { node, effect } of uses.values()) {
        if (!declared.has(node.name)) report(node, effect);
      }
    },
  };
}

function createPlatform(context: Context): Visitor {
  const path = projectPath(context.filename) ?? "";
  if (!isSource(path) && path !== "mod.ts") return {};
  if (path.startsWith("src/host/")) return {};
  return {
    Identifier(node) {
      if (isPropertyName(node)) return;
      const [first, second] = memberPath(node).names;
      if (first !== "Deno" || second !== "build") return;
      const message = "Deno.build belongs to src/host: take host.env.os";
      context.report({ node, message });
    },
  };
}

function createNames(context: Context): Visitor {
  const path = projectPath(context.filename) ?? "";
  if (!isSource(path)) return {};
  return {
    Program() {
      const words = path.split(/[/._-]/);
      const word = words.find((word) => EMPTY_WORDS.test(word));
      if (word === undefined) return;
      const message = `"${word}" in ${path} says nothing: name the idea`;
      context.report({ range: [0, 0], message });
    },
  };
}

function noteIn(comment: string): string | undefined {
  for (const [note, prefix = ""] of comment.matchAll(NOTES)) {
    if (!STANDARDS.includes(prefix)) return note;
  }
  return undefined;
}

function createTicket(context: Context): Visitor {
  if (projectPath(context.filename) === undefined) return {};
  return {
    Program() {
      for (const { range, value } of context.sourceCode.getAllComments()) {
        const note = noteIn(value);
        if (note === undefined) continue;
        const message = `"${note}" in a comment: say why, or file it elsewhere`;
        context.report({ range, message });
      }
    },
  };
}

export default {
  name: "architecture",
  rules: {
    layers: { create: createLayers },
    effects: { create: createEffects },
    platform: { create: createPlatform },
    names: { create: createNames },
    ticket: { create: createTicket },
  },
} satisfies Deno.lint.Plugin;
