/**
 * What rules ask of the syntax tree.
 *
 * @module
 */

type Context = Deno.lint.RuleContext;
type Visitor = Deno.lint.LintVisitor;
type Node = Deno.lint.Node;

/** A name in the tree. */
export type Identifier = Deno.lint.Identifier;

// These expressions carry a value although their node is called TS….
const VALUE_NODES = [
  "TSAsExpression",
  "TSInstantiationExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
];

function constantText(node: Node): string | undefined {
  if (node.type === "TSLiteralType") return constantText(node.literal);
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) {
    return node.quasis[0]?.cooked;
  }
  if (node.type !== "Literal") return undefined;
  return typeof node.value === "string" ? node.value : undefined;
}

/** Visits whatever names another module. */
export function importVisitor(
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

/** Collects the names that a file declares. */
export function declarationVisitor(declared: Set<string>): Visitor {
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

/** Whether two nodes are the same, by where they are: a tree gives views. */
export function isSame(a: Node, b: Node): boolean {
  return a.range[0] === b.range[0] && a.range[1] === b.range[1];
}

/** Whether an identifier only names a property or a label. */
export function isPropertyName(node: Identifier): boolean {
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

/** Whether an identifier is part of a type. */
export function isInType(context: Context, node: Identifier): boolean {
  return context.sourceCode.getAncestors(node).some(({ type }) =>
    type.startsWith("TS") && !VALUE_NODES.includes(type)
  );
}

type Path = Identifier | Deno.lint.MemberExpression;

/** The names of `a.b["c"]`, and the node that ends there. */
export function memberPath(
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
