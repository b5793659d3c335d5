/**
 * Shapes that a file of ours may be found in.
 *
 * @module
 */

/** What is known of a file before it is damaged. */
export interface Sound {
  /** Its path. */
  readonly path: string;
  /** Its content. */
  readonly bytes: Uint8Array;
  /** The pid that it may name. */
  readonly pid: number;
  /** A process that has nothing to do with us. */
  readonly stranger: number;
}

/** One shape. */
export interface Shape {
  readonly name: string;
  /** Brings a file into it; nothing is at its path before. */
  readonly make: (sound: Sound) => Promise<void>;
  /** Whether it looks as if there were no such file. */
  readonly isAbsent?: true;
  /** Whether it leads to {@linkcode PRECIOUS}, in a file with `.else` behind. */
  readonly isForeign?: true;
}

/** What somebody else has written. */
export const PRECIOUS = "precious\n";

type Content = string | Uint8Array;

const OTHER_USER = 65_534;
const MEBIBYTE = 1024 * 1024;

async function put(path: string, content: Content, mode = 0o600) {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  await Deno.writeFile(path, new Uint8Array(bytes), { mode });
  await Deno.chmod(path, mode);
}

const textOf = ({ bytes }: Sound) => new TextDecoder().decode(bytes);

/** A shape that is only another content. */
function content(name: string, change: (sound: Sound) => Content): Shape {
  return { name, make: (sound) => put(sound.path, change(sound)) };
}

/** A shape in which the file names another process than it should. */
function naming(name: string, pid: (sound: Sound) => string): Shape {
  return content(
    name,
    (sound) => textOf(sound).replaceAll(String(sound.pid), pid(sound)),
  );
}

async function run(program: string, ...args: readonly string[]) {
  await new Deno.Command(program, { args: [...args] }).output();
}

/** Content in the right place that is not the right one. */
export const CONTENT_SHAPES: readonly Shape[] = [
  content("empty", () => ""),
  content("a newline", () => "\n"),
  content("a zero byte", () => "\0"),
  content("a page of zero bytes", () => new Uint8Array(4096)),
  content("its first byte", ({ bytes }) => bytes.slice(0, 1)),
  content("its first half", ({ bytes }) => bytes.slice(0, bytes.length / 2)),
  content("all but its last byte", ({ bytes }) => bytes.slice(0, -1)),
  content(
    "twice what it was",
    ({ bytes }) => Uint8Array.from([...bytes, ...bytes]),
  ),
  content(
    "with one bit wrong in each 64 bytes",
    ({ bytes }) => bytes.map((byte, at) => at % 64 === 40 ? byte ^ 4 : byte),
  ),
  content("all bytes", () => Uint8Array.from({ length: 4096 }, (_, n) => n)),
  content("no UTF-8", ({ bytes }) => Uint8Array.from([255, 254, ...bytes])),
  content("a byte order mark first", (sound) => `\ufeff${textOf(sound)}`),
  content(
    "UTF-16",
    (sound) =>
      Uint8Array.from([...textOf(sound)].flatMap((letter) => [
        letter.charCodeAt(0) & 255,
        0,
      ])),
  ),
  content("lines of Windows", (s) => textOf(s).replaceAll("\n", "\r\n")),
  content("a stray line first", (sound) => `garbage\n${textOf(sound)}`),
  content("JSON null", () => "null"),
  content("a JSON array", () => "[]"),
  content("an empty JSON object", () => "{}"),
  content("a JSON number beyond all", () => "1e999"),
  content("a JSON text", () => '"daemon"'),
  content("JSON a hundred thousand deep", () => "[".repeat(100_000)),
  content(
    "keys of all objects",
    (sound) => textOf(sound).replace("{", '{"__proto__": {"pid": 1}, '),
  ),
  content(
    "of a future version",
    (sound) =>
      textOf(sound).replace(/"schema_version": ?\d+/, '"schema_version": 999'),
  ),
  content(
    "numbers as texts",
    (sound) => textOf(sound).replace(/: ?(\d+)/g, ': "$1"'),
  ),
  content("negative numbers", (s) => textOf(s).replace(/\b(\d+)\b/g, "-$1")),
  content(
    "numbers beyond all",
    (sound) => textOf(sound).replace(/\b\d+\b/g, "99999999999999999999"),
  ),
  content(
    "escape codes",
    (sound) => textOf(sound).replace(/[a-z]{4,}/g, "$&\u001b[2J\u0007"),
  ),
  content("one line of a mebibyte", () => "x".repeat(MEBIBYTE)),
  content("thirty mebibytes", () => "line\n".repeat(6 * MEBIBYTE)),
  naming("a stranger's pid", ({ stranger }) => String(stranger)),
  naming("pid 1", () => "1"),
  naming("pid 0", () => "0"),
  naming("our own pid", () => String(Deno.pid)),
  naming("a pid beyond all", () => "4294967297"),
];

/** Something else than a plain file of ours at its place. */
export const PLACE_SHAPES: readonly Shape[] = [
  { name: "absent", make: () => Promise.resolve(), isAbsent: true },
  { name: "a directory", make: ({ path }) => Deno.mkdir(path) },
  {
    name: "a directory with a file",
    async make({ path }) {
      await Deno.mkdir(path);
      await put(`${path}/inside`, "x");
    },
  },
  {
    name: "a link to nowhere",
    make: ({ path }) => Deno.symlink("/nowhere/at/all", path),
    isAbsent: true,
  },
  { name: "a link to itself", make: ({ path }) => Deno.symlink(path, path) },
  {
    name: "a link to a file of somebody else",
    async make({ path }) {
      await put(`${path}.else`, PRECIOUS);
      await Deno.symlink(`${path}.else`, path);
    },
    isForeign: true,
  },
  {
    name: "a link to what never ends",
    make: ({ path }) => Deno.symlink("/dev/zero", path),
  },
  { name: "a pipe", make: ({ path }) => run("mkfifo", path) },
  {
    name: "readable by nobody",
    make: ({ path, bytes }) => put(path, bytes, 0o000),
  },
  {
    name: "writable by everybody",
    make: ({ path, bytes }) => put(path, bytes, 0o666),
  },
  {
    name: "read-only",
    make: ({ path, bytes }) => put(path, bytes, 0o400),
  },
  {
    name: "another user's",
    async make({ path, bytes }) {
      await put(path, bytes);
      await Deno.chown(path, OTHER_USER, OTHER_USER).catch(() => {});
    },
  },
  {
    name: "under two names",
    async make({ path, bytes }) {
      await put(`${path}.other`, bytes);
      await Deno.link(`${path}.other`, path);
    },
  },
];

/** Every shape. */
export const SHAPES: readonly Shape[] = [...CONTENT_SHAPES, ...PLACE_SHAPES];

/**
 * Which file is brought into which shape: all into all, or every second shape
 * for one file each, so that two lists of files share the shapes.
 */
export function pairShapes<File>(
  files: readonly File[],
  which: "all" | "even" | "odd",
): readonly (readonly [File, Shape])[] {
  return SHAPES.flatMap((shape, at) => {
    if (which !== "all" && (at % 2 === 0) !== (which === "even")) return [];
    return files.filter((_, index) =>
      which === "all" || index === Math.floor(at / 2) % files.length
    ).map((file) => [file, shape] as const);
  });
}
