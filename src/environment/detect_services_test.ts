import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { splitCommand } from "./command_words.ts";
import { readRepositoryFacts } from "./detect_facts.ts";
import { detectServices } from "./detect_services.ts";

async function detect(files: Readonly<Record<string, string>>) {
  const host = createFakeHost();
  for (const [path, text] of Object.entries(files)) {
    host.world.disk.put(`/r/${path}`, text);
  }
  return detectServices(await readRepositoryFacts(host, "/r"));
}

const scripts = (dev: string) => JSON.stringify({ scripts: { dev } });
const FASTAPI = "from fastapi import FastAPI\n\napp = FastAPI(title='x')\n";

Deno.test.each([
  {
    name: "Vite",
    files: { "package.json": scripts("vite") },
    is: ["web", "npm run dev -- --port {port} --strictPort", 5173, "high"],
  },
  {
    name: "Next with pnpm",
    files: { "package.json": scripts("next dev"), "pnpm-lock.yaml": "" },
    is: ["web", "pnpm run dev --port {port}", 3000, "high"],
  },
  {
    name: "Astro with Yarn",
    files: { "package.json": scripts("astro dev"), "yarn.lock": "" },
    is: ["web", "yarn run dev --port {port}", 4321, "high"],
  },
  {
    name: "React scripts",
    files: { "package.json": '{"scripts":{"start":"react-scripts start"}}' },
    is: ["web", "npm run start", 3000, "high"],
  },
  {
    name: "a program of its own",
    files: { "package.json": scripts("node server.js --port 4100") },
    is: ["app", "npm run dev", 4100, "low"],
  },
  {
    name: "several commands",
    files: { "package.json": scripts("tsc && vite") },
    is: ["app", "npm run dev", 3000, "low"],
  },
  {
    name: "a Deno task",
    files: { "deno.json": '{"tasks":{"dev":"PORT=8100 deno run main.ts"}}' },
    is: ["app", "deno task dev", 8100, "medium"],
  },
  {
    name: "a Deno task with comments around",
    files: {
      "deno.jsonc":
        '{ // "x"\n"tasks": {"start": {"command": "vite /* x */ //"},},}',
    },
    is: ["web", "deno task start --port {port} --strictPort", 5173, "high"],
  },
  {
    name: "FastAPI",
    files: { "main.py": FASTAPI },
    is: [
      "api",
      "python3 -m uvicorn main:app --host 127.0.0.1 --port {port}",
      8000,
      "medium",
    ],
  },
  {
    name: "FastAPI with uv, in a package",
    files: { "app/main.py": FASTAPI, "uv.lock": "" },
    is: [
      "api",
      "uv run uvicorn app.main:app --host 127.0.0.1 --port {port}",
      8000,
      "medium",
    ],
  },
  {
    name: "Flask",
    files: { "app.py": "web: Flask = flask.Flask(__name__)\n" },
    is: [
      "api",
      "python3 -m flask --app app:web run --port {port}",
      5000,
      "medium",
    ],
  },
  {
    name: "Django",
    files: { "manage.py": "import django\n", "poetry.lock": "" },
    is: [
      "api",
      "poetry run python manage.py runserver 127.0.0.1:{port}",
      8000,
      "medium",
    ],
  },
  {
    name: "Django in an environment",
    files: { "manage.py": "import django\n", ".venv/bin/python": "" },
    is: [
      "api",
      ".venv/bin/python manage.py runserver 127.0.0.1:{port}",
      8000,
      "medium",
    ],
  },
])("detectServices() knows $name", async ({ files, is }) => {
  const { suggestions, notes } = await detect({ ...files } as never);
  assertEquals(
    suggestions.map(({ slug, command, port, confidence }) => [
      slug,
      command,
      port,
      confidence,
    ]),
    [[...is]],
  );
  assertEquals(notes, []);
  for (const { command } of suggestions) {
    assertEquals(splitCommand(command).kind, "words");
  }
});

Deno.test.each([
  { script: "vite", readsPort: false },
  { script: "react-scripts start", readsPort: true },
  { script: "node x.js", readsPort: true },
])("$script learns its port from PORT: $readsPort", async (row) => {
  for (const file of ["package.json", "deno.json"]) {
    const text = JSON.stringify({
      "scripts": { "dev": row.script },
      "tasks": { "dev": row.script },
    });
    const { suggestions } = await detect({ [file]: text });
    assertEquals(suggestions.map(({ readsPort }) => readsPort), [
      row.readsPort,
    ]);
  }
});

Deno.test("detectServices() reads a Procfile", async () => {
  const { suggestions } = await detect({
    "Procfile": "# c\nweb: gunicorn -b :$PORT app\r\n" +
      "worker: celery -A x\nrelease: migrate\nboth: a && b '$HOME'\nhome: ls $HOME\n",
    "package.json": scripts("vite"),
  });
  assertEquals(
    suggestions.map(({ slug, command, port, readsPort }) => [
      slug,
      command,
      port,
      readsPort,
    ]),
    [
      ["web", "gunicorn -b :{port} app", 5000, true],
      ["worker", "celery -A x", undefined, false],
      ["both", "sh -c 'a && b '\\''$HOME'\\'''", undefined, false],
      ["home", "sh -c 'ls $HOME'", undefined, false],
    ],
  );
});

Deno.test("detectServices() finds directories, each with its name and port", async () => {
  const { suggestions } = await detect({
    "package.json": '{"workspaces":["apps/*"],"scripts":{"dev":"turbo"}}',
    "apps/redis/package.json": scripts("next dev"),
    "apps/Shop Front/package.json": scripts("next dev"),
    "services/2fa/main.py": FASTAPI,
    "frontend/package.json": scripts("vite"),
    "backend/README.md": "",
  });
  assertEquals(
    suggestions.map(({ slug, directory, port }) => [slug, directory, port]),
    [
      ["frontend", "frontend", 5173],
      ["shop-front", "apps/Shop Front", 3000],
      ["redis-2", "apps/redis", 3001],
      ["service-2fa", "services/2fa", 8000],
    ],
  );
});

Deno.test.each(["deno.json", "deno.jsonc", "package.json"])(
  "detectServices() leaves out the scripts of a workspace in %s",
  async (file) => {
    const workspace = {
      "workspace": ["web"],
      "tasks": { "dev": "x" },
      "scripts": { "dev": "x" },
    };
    const root = { [file]: JSON.stringify(workspace) };
    const slugs = async (files: Readonly<Record<string, string>>) =>
      (await detect(files)).suggestions.map(({ slug }) => slug);
    assertEquals(
      await slugs({ ...root, "web/package.json": scripts("vite") }),
      ["web"],
    );
    assertEquals(await slugs(root), ["app"]);
  },
);

Deno.test("detectServices() only mentions compose files", async () => {
  const { suggestions, notes } = await detect({
    "docker-compose.yml": "services: {}",
    "api/compose.yaml": "",
  });
  assertEquals(suggestions, []);
  assertEquals(notes.map((note) => note.split(" ")[0]), [
    "docker-compose.yml",
    "api/compose.yaml",
  ]);
});

Deno.test.each([
  { name: "nothing", files: {} },
  { name: "damaged JSON", files: { "package.json": "{", "deno.json": "[" } },
  { name: "no script", files: { "package.json": '{"scripts":{"test":"x"}}' } },
  { name: "odd scripts", files: { "package.json": '{"scripts":{"dev":1}}' } },
])("detectServices() finds nothing in $name", async ({ files }) => {
  assertEquals(await detect({ ...files } as never), {
    suggestions: [],
    notes: [],
  });
});
