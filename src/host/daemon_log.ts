/**
 * The log file of a background process: JSON lines, secrets redacted by field
 * name, size bounded by rotation.
 *
 * @module
 */

import { getRotatingFileSink } from "@logtape/file";
import {
  configure,
  dispose,
  getJsonLinesFormatter,
  getLogger,
} from "@logtape/logtape";
import { redactByField } from "@logtape/redaction";
import type { Log } from "./host.ts";

/** Size at which a log file is rotated, in bytes. */
export const LOG_MAX_BYTES = 1024 * 1024;
/** How many log files are kept, the current one included. */
export const LOG_MAX_FILES = 5;

/** Opens the log file of this process and returns how to write to it. */
export async function openDaemonLog(path: string): Promise<Log> {
  // Rotation makes new files with the process's own mask.
  if (Deno.build.os !== "windows") Deno.umask(0o077);
  await configure({
    sinks: {
      file: redactByField(
        getRotatingFileSink(path, {
          maxSize: LOG_MAX_BYTES,
          // The sink does not count the file that it writes to.
          maxFiles: LOG_MAX_FILES - 1,
          bufferSize: 0,
          // Each record is written at once, so there is nothing to flush later.
          flushInterval: 0,
          formatter: getJsonLinesFormatter({ properties: "flatten" }),
        }),
        { fieldPatterns: [/token/i, /secret/i, /password/i, /authorization/i] },
      ),
    },
    loggers: [
      { category: "reeve", lowestLevel: "info", sinks: ["file"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["file"] },
    ],
  });
  // Daemons that follow each other share the file.
  const logger = getLogger("reeve").with({ pid: Deno.pid });
  return {
    info: (message, fields = {}) => logger.info(plain(message), { ...fields }),
    warn: (message, fields = {}) => logger.warn(plain(message), { ...fields }),
    error: (message, fields = {}) =>
      logger.error(plain(message), { ...fields }),
    close: () => dispose(),
  };
}

/** Our messages are plain text; braces would name fields. */
function plain(message: string): string {
  return message.replaceAll("{", "{{").replaceAll("}", "}}");
}
