/**
 * Reads the few files of a repository that tell what it could run.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";

/** One directory that may hold a service. */
export interface DirectoryFacts {
  /** Its path below the root; `.` for the root. */
  readonly directory: string;
  /** Names of everything in it. */
  readonly names: ReadonlySet<string>;
  /** Texts of the files that tell something, by name. */
  readonly texts: ReadonlyMap<string, string>;
}

const MAX_BYTES = 256 * 1024;
const MOST_CHILDREN = 20;
const LIKELY = [
  "api",
  "app",
  "backend",
  "client",
  "frontend",
  "server",
  "web",
  "worker",
];
const GROUPS = ["apps", "services"];

/** Files that are read, below each directory. */
const TELLING = [
  "Procfile",
  "deno.json",
  "deno.jsonc",
  "package.json",
  "pyproject.toml",
  "requirements.txt",
  "manage.py",
  "main.py",
  "app.py",
  "asgi.py",
  "app/main.py",
  "src/main.py",
] as const;

/** Reads the root and the directories below it that usually hold services. */
export async function readRepositoryFacts(
  host: Pick<Host, "files">,
  root: string,
): Promise<readonly DirectoryFacts[]> {
  const top = await readDirectory(host, root, ".");
  const grouped = await Promise.all(
    GROUPS.filter((group) => top.names.has(group)).map(async (group) =>
      (await listNames(host, joinPath(root, group)))
        .slice(0, MOST_CHILDREN).map((name) => `${group}/${name}`)
    ),
  );
  const below = [
    ...LIKELY.filter((name) => top.names.has(name)),
    ...grouped.flat(),
  ];
  const found = await Promise.all(
    below.map((directory) => readDirectory(host, root, directory)),
  );
  return [top, ...found.filter(({ names }) => names.size > 0)];
}

async function readDirectory(
  host: Pick<Host, "files">,
  root: string,
  directory: string,
): Promise<DirectoryFacts> {
  const path = directory === "." ? root : joinPath(root, directory);
  const names = new Set(await listNames(host, path));
  const wanted = TELLING.filter((name) => {
    const [first = name] = name.split("/");
    return names.has(first);
  });
  const texts = await Promise.all(
    wanted.map(async (name) =>
      [name, await readText(host, joinPath(path, name))] as const
    ),
  );
  return {
    directory,
    names,
    texts: new Map(
      texts.flatMap(([name, text]) =>
        text === undefined ? [] : [[name, text] as const]
      ),
    ),
  };
}

/** What cannot be read tells nothing. */
async function listNames(
  host: Pick<Host, "files">,
  path: string,
): Promise<readonly string[]> {
  try {
    return await host.files.list(path);
  } catch (error) {
    if (error instanceof HostError) return [];
    throw error;
  }
}

async function readText(
  host: Pick<Host, "files">,
  path: string,
): Promise<string | undefined> {
  try {
    return await host.files.readText(path, MAX_BYTES);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
