/**
 * Homes that are shared with another machine, boot or container.
 *
 * @module
 */

import { reeveCommand } from "#support/cli.ts";
import { reeveShape, startCurrent } from "#support/population.ts";
import { makeSandbox } from "#support/sandbox.ts";
import { canUnshare } from "../bench/reuse.ts";
import { Canaries } from "./canaries.ts";
import { type Fault, Tally, wantedOf } from "./fault.ts";
import { DOCTOR, FORCED, NEW, report, RESET, stateOf } from "./reports.ts";

/** What an owner record may say of another place. */
const PLACES: readonly Readonly<Record<string, string>>[] = [
  { host: "elsewhere" },
  { "boot_id": "00000000-0000-4000-8000-000000000000" },
  { "pid_namespace": "pid:[1]" },
  { host: "elsewhere", "pid_namespace": "pid:[1]" },
];

async function tryPlace(
  changes: Readonly<Record<string, string>>,
  tally: Tally,
): Promise<void> {
  await using sandbox = await makeSandbox();
  await using canaries = new Canaries(tally);
  const current = await startCurrent(sandbox);
  const { pid } = canaries.add(...reeveShape(sandbox.directory));
  const path = `${sandbox.root}/sync/daemon/owner-${current.port}.json`;
  const record = JSON.parse(await Deno.readTextFile(path));
  const port = sandbox.firstPort + 20;
  const other = path.replace(String(current.port), String(port));
  const text = JSON.stringify({ ...record, ...changes, pid, port });
  await Deno.writeTextFile(other, text, { mode: 0o600 });
  for (const args of [DOCTOR, RESET, FORCED]) await report(sandbox, args);
  await startCurrent(sandbox);
  tally.see(
    `${Object.keys(changes).join(" and ")} of another place: record ` +
      (await Deno.stat(other).then(() => "kept", () => "removed")),
  );
}

/** Records of another place. */
export const otherPlaces: Fault = {
  id: "F11",
  title: "the home is shared: records of another host, boot or pid namespace",
  promise:
    "they are never acted on, and no process here gets a signal for them",
  how: "A copy of the owner record of a running daemon names another host, " +
    "boot or namespace and the pid of an innocent process here, in the shape " +
    "of a daemon. Doctor, reset, reset by force and start run beside it. " +
    "File systems without locks were not mounted.",
  atLeast: { short: 4, long: 40 },
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    while (tally.tried < wanted) {
      for (const changes of PLACES) {
        const name = JSON.stringify(changes);
        await tally.attempt(name, () => tryPlace(changes, tally));
        options.onProgress(tally.tried, wanted);
      }
    }
    return tally.result(wanted);
  },
};

/** Forces a pid onto an innocent and resets, with a /proc of its own. */
const INSIDE = `
echo $(($1 - 1)) > /proc/sys/kernel/ns_last_pid
sleep 600 &
canary=$!
shift
"$@" >/dev/null 2>&1
code=$?
kill -VTALRM $canary
wait $canary
echo "$canary $code $?"
`;

/** SIGVTALRM, as a shell tells it. */
const ENDED_BY_US = 128 + 26;

async function tryContainer(
  args: readonly string[],
  tally: Tally,
): Promise<void> {
  await using sandbox = await makeSandbox();
  const { pid } = await startCurrent(sandbox);
  const command = [Deno.execPath(), ...reeveCommand(args)];
  const isolate = ["-p", "-f", "--mount-proc", "sh", "-c", INSIDE, "sh"];
  const { stdout } = await new Deno.Command("unshare", {
    args: [...isolate, String(pid), ...command],
    env: { ...sandbox.env, ...NEW },
    stdin: "null",
  }).output();
  const [canary, code, end] = new TextDecoder().decode(stdout).trim().split(" ")
    .map(Number);
  tally.see("same pid inside", canary === pid ? 1 : 0);
  tally.see(`${args.slice(0, 2).join(" ")} inside ended with ${code}`);
  if (end !== ENDED_BY_US) tally.wrongSignals++;
  const outside = await stateOf(pid);
  if (!/[RS]/.test(outside)) tally.wrongSignals++;
}

/** Containers that share our files and our network. */
export const containers: Fault = {
  id: "F12",
  title: "a container shares the home and the network, but not the pids",
  promise: "neither the daemon outside nor who has its pid inside is signalled",
  how: "In a pid namespace with a /proc of its own an innocent process gets " +
    "the very pid that the daemon has outside; reset, reset by force, start " +
    "of another version and stop run beside it. Other users' processes are " +
    "tried by the live tests.",
  atLeast: { short: 4, long: 40 },
  unavailable: async () =>
    await canUnshare() ? undefined : "needs the right to make a pid namespace",
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    const all = [RESET, FORCED, ["daemon", "start"], ["daemon", "stop"]];
    while (tally.tried < wanted) {
      for (const args of all) {
        await tally.attempt(args.join(" "), () => tryContainer(args, tally));
        options.onProgress(tally.tried, wanted);
      }
    }
    return tally.result(wanted);
  },
};
