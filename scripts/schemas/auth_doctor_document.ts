/**
 * The document of `reeve auth doctor`.
 *
 * @module
 */

import * as z from "zod/mini";
import { secondsLeft, SESSION, signInState } from "./auth_documents.ts";
import { refreshLockReport } from "./daemon_documents.ts";
import {
  identityRecord,
  maybePid,
  maybePort,
  maybeProtocol,
  remediation,
  sweepResult,
} from "./daemon_records.ts";
import {
  count,
  document,
  fields,
  flag,
  list,
  maybe,
  maybeText,
  offsetInstant,
  pid,
  port,
  said,
  text,
  word,
} from "./fields.ts";

const session = fields("The sign-in.", {
  "state": signInState,
  "source": word("What requests are made with.", { env: true, session: true }),
  "problem": maybeText("Why the stored sign-in cannot be used, if so."),
  "access_expires_in_s": secondsLeft("How long the access token is good"),
  "refresh_expires_in_s": secondsLeft("How long the refresh token is good"),
  "summary": maybe(
    "Null when it cannot be read.",
    fields("The sign-in, without its tokens.", {
      "schema_version": said("Version of this shape.", z.literal(1)),
      ...SESSION,
    }),
  ),
});

const daemon = fields("The recorded daemon.", {
  "active": flag("Whether it proved itself."),
  "pid": maybePid,
  "port": maybePort,
  "package_version": maybeText("Version that it states."),
  "protocol_version": maybeProtocol,
  "problem": maybeText("Why it is not active; null while it is."),
});

const scan = fields("How the ports were looked at.", {
  "first_port": port("First port."),
  "last_port": port("Last port."),
  "listeners": count("Listeners found, ours or not."),
  "never_touched": count("Listeners that are never touched."),
  "table_problem": maybeText("Why the listeners could not be read, if so."),
});

const finding = fields("What is wrong.", {
  "id": text("Stable id."),
  "severity": word("How bad; only `critical` changes the exit code.", {
    critical: true,
    info: true,
    warn: true,
  }),
  "summary": text("What was found."),
  "remediation": maybe("Null when there is nothing to do.", remediation),
});

const foreignRecord = fields("An owner record.", {
  "path": text("Its path."),
  "status": text("`other_host`, `earlier_boot`, `damaged` and the like."),
  "host": z.exactOptional(text("Host that it names.")),
  "pid": z.exactOptional(pid("Process that it names.")),
});

/** `reeve auth doctor`. */
export const authDoctor: z.ZodMiniType = document("auth_doctor", {
  "generated_at": offsetInstant("When it was made, with microseconds."),
  "auth_root": text("Directory of the sign-in."),
  "singleton_scope_id": text("Canonical state root."),
  "package_version": text("Version that judged."),
  "session": maybe("Null when nothing is stored or set.", session),
  "refresh_lock": refreshLockReport,
  "daemon": maybe("Null when no daemon is recorded.", daemon),
  "orphans": list(
    "Listeners that may be cleaned, in order of ports.",
    identityRecord,
  ),
  "foreign_records": list("Records of daemons elsewhere.", foreignRecord),
  scan,
  "findings": list("What is wrong and what to do.", finding),
  "reset_result": z.exactOptional(sweepResult),
  "server_session": z.exactOptional(
    fields("The server's view of the session; with --server only.", {
      "active": flag("Whether the server knows the session."),
      "session_id": maybeText("Its id."),
      "error": maybeText("Why it could not be asked, if so."),
    }),
  ),
  "messages": list("What was done, in sentences.", text("One step.")),
}, 2);
