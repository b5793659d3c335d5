// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Puts every mutant of some modules into their source at once, each behind a
 * switch. Runs as a process of its own with a lock file of its own, so that
 * nobody else has to install what Stryker needs.
 *
 * Reads the paths as a JSON list from its input and prints the
 * {@linkcode Instrumented} modules as JSON.
 *
 * @module
 */

const INSTRUMENTER = "npm:@stryker-mutator/instrumenter@9.6.1";
const INJECTOR = "npm:typed-inject@5.0.0";

/** A place in a file; lines count from 0. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** One mutant. */
export interface Mutant {
  /** Its switch. */
  readonly id: string;
  /** File that it is in. */
  readonly path: string;
  /** Kind of change, as Stryker names it. */
  readonly mutator: string;
  /** Line, from 1 on. */
  readonly line: number;
  /** Text of that line. */
  readonly text: string;
  /** What stands there, with white space folded. */
  readonly original: string;
  /** What the mutant has there. */
  readonly replacement: string;
}

/** Modules with their mutants in them. */
export interface Instrumented {
  /** New text of each file. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** All mutants. */
  readonly mutants: readonly Mutant[];
}

interface RawMutant {
  readonly id: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

interface RawFile {
  readonly name: string;
  readonly content: string;
}

interface Instrumenter {
  instrument(
    files: readonly (RawFile & { readonly mutate: true })[],
    options: object,
  ): Promise<
    {
      readonly files: readonly RawFile[];
      readonly mutants: readonly RawMutant[];
    }
  >;
}

interface Injector {
  provideValue(name: string, value: unknown): Injector;
  injectFunction(make: unknown): Instrumenter;
}

const QUIET = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
};

async function loadInstrumenter(): Promise<Instrumenter> {
  // Names in variables keep these packages out of the project's own lock.
  const { createInstrumenter } = await import(INSTRUMENTER) as {
    readonly createInstrumenter: unknown;
  };
  const { createInjector } = await import(INJECTOR) as {
    readonly createInjector: () => Injector;
  };
  return createInjector().provideValue("logger", QUIET)
    .injectFunction(createInstrumenter);
}

function cut(source: string, { start, end }: RawMutant["location"]) {
  const lines = source.split("\n").slice(start.line, end.line + 1);
  const text = fold(lines[0] ?? "");
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? "").slice(0, end.column);
  lines[0] = (lines[0] ?? "").slice(start.column);
  return { text, original: fold(lines.join("\n")) };
}

function fold(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

async function main(): Promise<void> {
  const input = await new Response(Deno.stdin.readable).json();
  const paths = input as readonly string[];
  const sources = new Map(
    paths.map((path) => [path, Deno.readTextFileSync(path)]),
  );
  const instrumenter = await loadInstrumenter();
  const { files, mutants } = await instrumenter.instrument(
    [...sources].map(([name, content]) => ({ name, content, mutate: true })),
    { ignorers: [], excludedMutations: [], plugins: null },
  );
  const result: Instrumented = {
    files: files.map(({ name, content }) => ({ path: name, text: content })),
    mutants: mutants.map((mutant) => ({
      id: mutant.id,
      path: mutant.fileName,
      mutator: mutant.mutatorName,
      line: mutant.location.start.line + 1,
      ...cut(sources.get(mutant.fileName) ?? "", mutant.location),
      replacement: fold(mutant.replacement),
    })),
  };
  console.log(JSON.stringify(result));
}

if (import.meta.main) await main();
