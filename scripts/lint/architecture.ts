/**
 * Lint rules that keep the shape of the source tree: who may import whom,
 * where the world may be touched, how files are named.
 *
 * @module
 */

import { effectOf, EFFECTS } from "./effects.ts";
import { layerProblem } from "./layers.ts";
import { isSource, isTest, projectPath } from "./project_path.ts";
import {
  declarationVisitor,
  type Identifier,
  importVisitor,
  isInType,
  isPropertyName,
  memberPath,
} from "./syntax.ts";

const EMPTY_WORDS =
  /^(utils?|helpers?|common|shared|manager|support|facade|core|misc)$/;

const NOTES = /\b(?:FIXME|TODO|XXX)\b|#\d+\b|\b([A-Z]{2,5})-\d+\b/g;
const STANDARDS = ["AES", "ES", "HS", "IEEE", "ISO", "RFC", "SHA", "UTF"];

type Context = Deno.lint.RuleContext;
type Visitor = Deno.lint.LintVisitor;
type Node = Deno.lint.Node;

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
