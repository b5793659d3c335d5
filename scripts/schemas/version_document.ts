/**
 * The document of `reeve --version`.
 *
 * @module
 */

import type * as z from "zod/mini";
import { document, text } from "./fields.ts";

/** `reeve --version --json`. */
export const versionDocument: z.ZodMiniType = document("version", {
  "version": text("The version that this program speaks for."),
  "commit": text(
    "Commit of the build in full, with `+changes` when files differed from " +
      "it; `unknown` outside a build.",
  ),
});
