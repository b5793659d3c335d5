/**
 * Whether the machine has what services and dependencies need, decided on the
 * facts alone.
 *
 * @module
 */

import { engineText } from "../environment/provision_plan.ts";
import { checksOf, type EnvironmentCheck } from "./environment_check.ts";
import type {
  MachineFacts,
  NeedsFacts,
  ServiceProgramFacts,
  WantedFacts,
} from "./environment_needs_facts.ts";

const check = checksOf("needs");

/** What there is to provide dependencies with, whoever wants some. */
export function machineChecks(
  { programs, engine, account }: MachineFacts,
): readonly EnvironmentCheck[] {
  const docker = engine.kind === "answers"
    ? `Docker ${engine.version} answers`
    : capital(engineText(engine));
  return [
    ...programs.map(({ dependency, names, path }) =>
      check(
        `program.${dependency}`,
        "info",
        path === undefined
          ? `There is no program ${names.join(" or ")} for ${dependency}`
          : `${path} can provide ${dependency}`,
        { evidence: { "path": path ?? null, "names": names } },
      )
    ),
    check("program.docker", "info", docker, {
      evidence: { "state": engine.kind },
    }),
    accountCheck(account),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function accountCheck(account: NeedsFacts["account"]): EnvironmentCheck {
  if ("problem" in account) {
    return check("initdb", "info", account.problem, {
      evidence: { "uid": null },
    });
  }
  const isOwn = account.kind === "own";
  return check(
    "initdb",
    "info",
    isOwn
      ? "PostgreSQL would run as you"
      : `PostgreSQL never runs as root: it would run as user ${account.uid}`,
    { evidence: { "uid": isOwn ? null : account.uid } },
  );
}

/** What the settings of a repository need. */
export function needsChecks(
  { wanted, services }: Pick<NeedsFacts, "services" | "wanted">,
): readonly EnvironmentCheck[] {
  return [
    ...wanted.map(wantedCheck),
    ...services.map(serviceCheck).filter(({ status }) => status !== "pass"),
    ...commandsCheck(services),
  ];
}

function wantedCheck({ id, from }: WantedFacts): EnvironmentCheck {
  if ("problem" in from) {
    return check(`dependency.${id}`, "fail", from.problem, {
      remedy: from.hint,
    });
  }
  const { mode, why } = from;
  return check(`dependency.${id}`, "pass", `${id} comes as ${mode}: ${why}`, {
    evidence: { mode, why },
  });
}

function serviceCheck(facts: ServiceProgramFacts): EnvironmentCheck {
  const { slug, word, directory, hasDirectory, path, isOpen } = facts;
  const evidence = { word, directory, "path": path ?? null };
  const id = `command.${slug}`;
  if (!hasDirectory) {
    return check(
      id,
      "fail",
      `${slug} runs in ${directory}, which is not there`,
      {
        evidence,
        remedy: "Make the directory, or correct its setting: reeve show-config",
      },
    );
  }
  if (path !== undefined || isOpen) {
    return check(id, "pass", `${slug} runs ${path ?? word}`, { evidence });
  }
  const where = word.includes("/") ? directory : "PATH";
  return check(id, "fail", `${slug} needs ${word}, which is not in ${where}`, {
    evidence,
    remedy: `Install ${word}, or correct the command: reeve show-config`,
  });
}

function commandsCheck(
  services: readonly ServiceProgramFacts[],
): readonly EnvironmentCheck[] {
  const fine = services.filter((one) => serviceCheck(one).status === "pass");
  if (fine.length === 0) return [];
  return [
    check(
      "commands",
      "pass",
      `The programs of ${fine.map(({ slug }) => slug).join(", ")} are there`,
      {
        evidence: Object.fromEntries(
          fine.map(({ slug, path, word }) => [slug, path ?? word]),
        ),
      },
    ),
  ];
}
