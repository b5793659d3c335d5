/**
 * Stands in for Docker's command line: writes down what it is called with and
 * answers from the directory of its state.
 *
 * - `calls.jsonl`: every argument vector with the variables that it names;
 * - `containers.json`: what there is;
 * - `down`: with this file no engine answers;
 * - `busy.json`: ports that cannot be published;
 * - `images.json`: what asking for an image ends with.
 */

interface Container {
  readonly id: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly ports: readonly (readonly [string, string])[];
  isRunning: boolean;
}

const [directory = "", ...args] = Deno.args;
const [verb = "", ...rest] = args;

function read<T>(name: string, otherwise: T): T {
  try {
    return JSON.parse(Deno.readTextFileSync(`${directory}/${name}`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return otherwise;
    throw error;
  }
}

const containers = read<Container[]>("containers.json", []);

function save(list: readonly Container[]): void {
  Deno.writeTextFileSync(`${directory}/containers.json`, JSON.stringify(list));
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function fail(text: string): never {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
  Deno.exit(1);
}

/** Values of an option that may stand several times. */
function valuesOf(option: string): string[] {
  return args.flatMap((word, at) =>
    word === option ? [args[at + 1] ?? ""] : []
  );
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

function find(id: string | undefined): Container {
  const found = containers.find((each) => each.id === id);
  return found ?? fail(`Error response from daemon: No such container: ${id}`);
}

function create(): void {
  const [name = ""] = valuesOf("--name");
  if (containers.some((each) => each.name === name)) {
    fail(`Conflict. The container name "/${name}" is already in use`);
  }
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const id = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  const ports = valuesOf("--publish").map((text) => {
    const [, outside = "", inside = ""] = text.split(":");
    return [inside, outside] as const;
  });
  const labels = Object.fromEntries(valuesOf("--label").map(pairOf));
  save([...containers, { id, name, labels, ports, isRunning: false }]);
  say(id);
}

function start(): void {
  const container = find(rest[0]);
  const busy = read<string[]>("busy.json", []);
  const taken = container.ports.find(([, outside]) => busy.includes(outside));
  if (taken !== undefined) {
    fail(`driver failed programming: port ${taken[1]} is already allocated`);
  }
  container.isRunning = true;
  save(containers);
}

function inspect(): void {
  const container = find(rest[1]);
  const bindings = container.ports.map(([inside, outside]) => [
    `${inside}/tcp`,
    [{ "HostIp": "127.0.0.1", "HostPort": outside }],
  ]);
  say(JSON.stringify([{
    "Id": container.id,
    "Config": { "Labels": container.labels },
    "State": { "Running": container.isRunning },
    "HostConfig": { "PortBindings": Object.fromEntries(bindings) },
  }]));
}

function list(): void {
  const wanted = valuesOf("--filter")
    .map((text) => pairOf(text.replace("label=", "")));
  const found = containers.filter(({ labels }) =>
    wanted.every(([name, value]) => labels[name] === value)
  );
  for (const { id } of found) say(id);
}

const env = Object.fromEntries(
  valuesOf("--env").map((name) => [name, Deno.env.get(name)]),
);
Deno.writeTextFileSync(
  `${directory}/calls.jsonl`,
  JSON.stringify({ args, env }) + "\n",
  { append: true },
);
try {
  Deno.statSync(`${directory}/down`);
  fail("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.");
} catch (error) {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
if (verb === "version") say("28.2.2");
else if (verb === "ps") list();
else if (verb === "create") create();
else if (verb === "start") start();
else if (verb === "container") inspect();
else if (verb === "stop") {
  find(rest.at(-1)).isRunning = false;
  save(containers);
} else if (verb === "rm") {
  const gone = find(rest.at(-1));
  if (gone.isRunning) fail("cannot remove a running container");
  save(containers.filter((each) => each !== gone));
} else if (verb === "image") Deno.exit(read("images.json", 0));
else if (verb !== "pull") fail(`unknown command ${verb}`);
