/**
 * What is wrong with the state root and its disk, decided on the facts alone.
 *
 * @module
 */

import { checksOf, type EnvironmentCheck } from "./environment_check.ts";
import type { PlaceFacts, RootFacts } from "./health_place_facts.ts";

const check = checksOf("place");
const MIB = 1024 * 1024;
const FEW_BYTES = 200 * MIB;
const NO_BYTES = 10 * MIB;
const OTHERS_WRITE = 0o022;
const OTHERS = 0o077;

/** Judges the state root. */
export function placeChecks(facts: RootFacts): readonly EnvironmentCheck[] {
  const { root } = facts;
  return [rootCheck(facts), belowCheck(facts), diskCheck(facts)].map((one) => ({
    ...one,
    evidence: { ...one.evidence, "path": root.path },
  }));
}

/** Permission bits as people write them. */
export function modeText(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}

function rootCheck({ root, ownUid }: RootFacts): EnvironmentCheck {
  const { path, kind, uid, mode = 0 } = root;
  const evidence = {
    "owner": uid ?? null,
    "mode": root.mode === undefined ? null : modeText(root.mode),
    "real_path": root.realPath,
  };
  const say = (
    status: EnvironmentCheck["status"],
    summary: string,
    remedy?: string,
  ) => check("root", status, summary, { evidence, remedy });
  if (kind === "missing") {
    return say("info", `The state root ${path} will be made when needed`);
  }
  if (kind !== "directory") {
    const what = kind === "unreadable" ? "cannot be read" : "is no directory";
    return say(
      "fail",
      `The state root ${path} ${what}`,
      "Set REEVE_HOME to a directory of your own",
    );
  }
  if (uid !== ownUid) {
    return say(
      "fail",
      `The state root ${path} belongs to user ${uid}, not to you`,
      "Set REEVE_HOME to a directory of your own",
    );
  }
  if ((mode & OTHERS_WRITE) !== 0) {
    return say(
      "fail",
      `Other users may change the state root ${path} (mode ${modeText(mode)})`,
      `chmod 700 ${path}`,
    );
  }
  if ((mode & OTHERS) !== 0) {
    return say(
      "warn",
      `Other users may look into the state root ${path} (mode ${
        modeText(mode)
      })`,
      `chmod 700 ${path}`,
    );
  }
  return say("pass", `The state root ${path} is yours alone`);
}

function belowCheck({ root, below, ownUid }: RootFacts): EnvironmentCheck {
  const there = below.filter(({ kind }) => kind !== "missing");
  const problems = there.flatMap((one) => problemOf(one, root, ownUid));
  const [first, ...others] = problems;
  const evidence = {
    "looked_at": there.length,
    "problems": problems.map(({ text }) => text),
  };
  if (first === undefined) {
    return check("private", "pass", "What is below it is private", {
      evidence,
    });
  }
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return check("private", "fail", `${first.text}${more}`, {
    evidence,
    remedy: first.remedy,
  });
}

function problemOf(
  { path, realPath, kind, uid, mode = 0 }: PlaceFacts,
  root: PlaceFacts,
  ownUid: number | undefined,
): readonly { readonly text: string; readonly remedy: string }[] {
  const expected = root.realPath + path.slice(root.path.length);
  if (kind === "unreadable") {
    return [{
      text: `${path} cannot be looked at`,
      remedy: `ls -ld ${path}`,
    }];
  }
  if (realPath !== expected) {
    return [{
      text: `A link leads from ${path} to ${realPath}`,
      remedy: "Move the link away; Reeve follows none below its state root",
    }];
  }
  if (uid !== ownUid) {
    return [{
      text: `${path} belongs to user ${uid}, not to you`,
      remedy: "Set REEVE_HOME to a directory of your own",
    }];
  }
  if ((mode & OTHERS) === 0) return [];
  const wanted = kind === "directory" ? "700" : "600";
  return [{
    text: `Other users may use ${path} (mode ${modeText(mode)})`,
    remedy: `chmod ${wanted} ${path}`,
  }];
}

function diskCheck(facts: RootFacts): EnvironmentCheck {
  const { freeBytes, isReadOnly, isRemote } = facts;
  const evidence = {
    "free_bytes": freeBytes ?? null,
    "read_only": isReadOnly ?? null,
    "remote": isRemote ?? null,
  };
  const say = (
    status: EnvironmentCheck["status"],
    summary: string,
    remedy?: string,
  ) => check("disk", status, summary, { evidence, remedy });
  if (isReadOnly === true) {
    return say(
      "fail",
      "Its disk cannot be written to",
      "Make it writable, or set REEVE_HOME to a place that is",
    );
  }
  if (freeBytes !== undefined && freeBytes < FEW_BYTES) {
    return say(
      freeBytes < NO_BYTES ? "fail" : "warn",
      `Its disk has ${Math.floor(freeBytes / MIB)} MiB left`,
      "Free some space",
    );
  }
  if (isRemote === true) {
    return say(
      "warn",
      "It is on a network file system, where locks are not always safe",
      "Set REEVE_HOME to a local disk",
    );
  }
  const room = freeBytes === undefined
    ? "Nobody tells how much room its disk has"
    : `Its disk has ${gibibytes(freeBytes)} left`;
  return say(freeBytes === undefined ? "info" : "pass", room);
}

function gibibytes(bytes: number): string {
  const amount = bytes / (1024 * MIB);
  return amount < 1
    ? `${Math.floor(bytes / MIB)} MiB`
    : `${amount.toFixed(1)} GiB`;
}
