/**
 * How stricli reads lines and words what it says.
 *
 * @module
 */

import {
  type Application,
  type ApplicationText,
  buildApplication,
  type PartialApplicationConfiguration,
  type RouteMap,
  text_en,
} from "@stricli/core";
import { messageOf } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { cliVersion } from "../version.ts";
import type { ReeveContext } from "./define_command.ts";

const text: ApplicationText = {
  ...text_en,
  briefs: {
    ...text_en.briefs,
    argumentEscapeSequence: "Take all that follows as arguments",
  },
  noCommandRegisteredForInput: ({ input, corrections }) => {
    const meant = corrections.map((word) => word.replaceAll("`", ""));
    return `Cannot find the command ${input}\n` +
      (meant.length === 0
        ? "See: reeve --help"
        : `Did you mean ${meant.join(" or ")}?`);
  },
  exceptionWhileParsingArguments: (error) => messageOf(error),
};

/** An application with some or all of the commands. */
export function applicationOf(
  root: RouteMap<ReeveContext>,
): Application<ReeveContext> {
  return buildApplication(root, CONFIGURATION);
}

const CONFIGURATION: PartialApplicationConfiguration = {
  name: "reeve",
  versionInfo: {
    getCurrentVersion() {
      const { host } = this as ReeveContext & { readonly host: Host };
      return Promise.resolve(cliVersion(host.env));
    },
  },
  scanner: {
    caseStyle: "allow-kebab-for-camel",
    allowArgumentEscapeSequence: true,
  },
  documentation: {
    caseStyle: "convert-camel-to-kebab",
    disableAnsiColor: true,
    useAliasInUsageLine: false,
    onlyRequiredInUsageLine: true,
  },
  localization: { text },
};
