/**
 * Marks the functions of a bundle as wanted at once.
 *
 * The runtime keeps the compiled code of a module for the next run, but only
 * of what it compiled while it loaded the module. It leaves a function to its
 * first call, and so compiles the same functions anew in every run; a function
 * in parentheses it compiles with the module. So each one gets them here, which
 * takes a sixth off the time of a command.
 *
 * @module
 */

import {
  type AnyNode,
  type FunctionDeclaration,
  parse,
  type Program,
} from "acorn";

type Edit = { readonly at: number; readonly text: "(" | ")" };

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (isNode(each)) yield each;
    }
  }
}

/** Methods, getters and setters are functions without a word of their own. */
function isMethod(parent: AnyNode): boolean {
  return parent.type === "MethodDefinition" ||
    parent.type === "Property" && (parent.method || parent.kind !== "init");
}

/** Where parentheses go, in the order of the text. */
function parentheses(node: AnyNode, parent: AnyNode): readonly Edit[] {
  const inner = children(node).flatMap((child) => parentheses(child, node))
    .toArray();
  const isWanted = node.type === "ArrowFunctionExpression" ||
    node.type === "FunctionExpression" && !isMethod(parent);
  return isWanted
    ? [{ at: node.start, text: "(" }, ...inner, { at: node.end, text: ")" }]
    : inner;
}

/** A piece of the text with its parentheses. */
function piece(
  code: string,
  edits: readonly Edit[],
  [from, to]: readonly [from: number, to: number],
): string {
  let [text, done] = ["", from];
  for (const edit of edits) {
    const isHere = edit.text === "("
      ? edit.at >= from && edit.at < to
      : edit.at > from && edit.at <= to;
    if (!isHere) continue;
    text += code.slice(done, edit.at) + edit.text;
    done = edit.at;
  }
  return text + code.slice(done, to);
}

/** `function a(){}` as `var a=(function (){});` */
function asVariable(
  code: string,
  edits: readonly Edit[],
  { start, end, id }: FunctionDeclaration,
): string {
  const before = piece(code, edits, [start, id.start]);
  return `var ${id.name}=(${before}${piece(code, edits, [id.end, end])});`;
}

function imports(program: Program): number {
  const last = program.body.findLast(({ type }) =>
    type === "ImportDeclaration"
  );
  return last?.end ?? 0;
}

/**
 * The same module, with each function in parentheses.
 *
 * A declaration at the top cannot have any. It becomes a variable, right behind
 * the imports: there it is set before the first statement runs, as long as no
 * two modules import each other ({@link checkCycles}).
 *
 * @param code A module as the bundler writes it: imports first, and its exports
 * as one list of names.
 */
export function markEager(code: string): string {
  const program = parse(code, { ecmaVersion: "latest", sourceType: "module" });
  const edits = parentheses(program, program);
  const start = imports(program);
  const declared = program.body.filter((node) =>
    node.type === "FunctionDeclaration"
  );
  let rest = "";
  let done = start;
  for (const each of declared) {
    rest += piece(code, edits, [done, each.start]);
    done = each.end;
  }
  return piece(code, edits, [0, start]) +
    declared.map((each) => asVariable(code, edits, each)).join("") + rest +
    piece(code, edits, [done, code.length]);
}

/**
 * Checks that modules do not import each other in a circle.
 *
 * @param modules The code of each one by its name in the folder.
 * @throws {TypeError} when some do; it names them.
 */
export function checkCycles(modules: ReadonlyMap<string, string>): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) {
      throw new TypeError(`Circle of imports: ${[...path, name].join(" → ")}`);
    }
    if (done.has(name)) return;
    const found = (modules.get(name) ?? "").matchAll(
      /\b(?:from|import) ?"\.\/([\w.-]+\.js)"/g,
    );
    for (const [, next = ""] of found) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of modules.keys()) visit(name, []);
}
