/**
 * Packages that could not be fetched. The first use of a part of Reeve fetches
 * what that part needs; without a network that is nothing wrong in Reeve.
 *
 * @module
 */

import { KnownError } from "../errors.ts";

const NAME = /(?:npm package '|for package "|not found in cache: ")([^'"]+)/;
const NOT_FETCHED = /^(?:Failed caching|Failed loading|Failed resolving)\b/;
const ESCAPES = /\p{Cc}\[[0-9;]*m/gu;

/** What was thrown as an error that tells what to do; else `undefined`. */
export function explainMissingPackage(error: unknown): KnownError | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const [first = "", ...causes] = error.message.replace(ESCAPES, "").split("\n")
    .map((line) => line.trim().replace(/^[0-9]+: /, ""))
    .filter((line) => !line.startsWith("at "));
  const name = NAME.exec(error.message)?.[1];
  if (name === undefined || !NOT_FETCHED.test(first)) return undefined;
  const reason = causes.at(-1) || first;
  return new KnownError(
    "unusable",
    `Cannot fetch the package ${name}: ${reason.replace(/\.$/, "")}`,
    {
      hint: "Packages are fetched once: run the command again with the " +
        "network. Behind a proxy with a certificate of its own, set " +
        "DENO_TLS_CA_STORE=system or DENO_CERT=FILE.",
      cause: error,
    },
  );
}
