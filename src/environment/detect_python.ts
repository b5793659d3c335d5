/**
 * Services in Python: ASGI applications, Flask and Django.
 *
 * @module
 */

import type { DirectoryFacts } from "./detect_facts.ts";
import type { FoundCommand } from "./detect_found.ts";

const ENTRIES = ["main.py", "app.py", "asgi.py", "app/main.py", "src/main.py"];
const ASGI =
  /^([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(FastAPI|Starlette|Quart|Litestar)\(/m;
const FLASK = /^([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?Flask\(/m;

/** The first application that one of the usual files makes. */
export function detectPython(facts: DirectoryFacts): readonly FoundCommand[] {
  const run = runnerOf(facts);
  for (const file of ENTRIES) {
    const text = facts.texts.get(file) ?? "";
    const module = file.replace(/\.py$/, "").replaceAll("/", ".");
    const [, asgi, library] = ASGI.exec(text) ?? [];
    if (asgi !== undefined) {
      const command = `${run} uvicorn ${module}:${asgi} ` +
        "--host 127.0.0.1 --port {port}";
      return [found(`${file} (${library})`, command, 8000)];
    }
    const [, flask] = FLASK.exec(text) ?? [];
    if (flask !== undefined) {
      const command = `${run} flask --app ${module}:${flask} run --port {port}`;
      return [found(`${file} (Flask)`, command, 5000)];
    }
  }
  if (!/\bdjango\b/i.test(facts.texts.get("manage.py") ?? "")) return [];
  const python = run.replace(/ -m$/, "");
  const program = python === run ? `${run} python` : python;
  const command = `${program} manage.py runserver 127.0.0.1:{port}`;
  return [found("manage.py (Django)", command, 8000)];
}

function found(source: string, command: string, port: number): FoundCommand {
  return {
    role: "api",
    source,
    confidence: "medium",
    command,
    port,
    readsPort: false,
    isNamed: false,
  };
}

/** How to run a module with the packages of the project. */
function runnerOf({ names }: DirectoryFacts): string {
  if (names.has("uv.lock")) return "uv run";
  if (names.has("poetry.lock")) return "poetry run";
  for (const environment of [".venv", "venv"]) {
    if (names.has(environment)) return `${environment}/bin/python -m`;
  }
  return "python3 -m";
}
