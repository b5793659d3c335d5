import { assertEquals } from "@std/assert";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { ProgramEnd, ProgramRun } from "../host/programs.ts";
import { explain, openAddress } from "./environment_dashboard_work.ts";

const URL_OF_API = "http://localhost:8000";

async function opened(
  os: Host["env"]["os"],
  variables: Readonly<Record<string, string>>,
  end: ProgramEnd = { kind: "exited", code: 0, stdout: "", stderr: "" },
) {
  const run: ProgramRun[] = [];
  const env: Host["env"] = {
    get: (name) => variables[name],
    os,
    home: "/h",
    cwd: "/r",
    pid: 1,
    uid: 1,
    self: { executable: "reeve", args: [] },
  };
  const programs = {
    run: (program: ProgramRun) => {
      run.push(program);
      return Promise.resolve(end);
    },
  };
  const notice = await openAddress({ env, programs }, URL_OF_API);
  return { told: notice.lines.join(), ran: run.map((one) => one.executable) };
}

Deno.test.each([
  {
    text: "a desktop",
    os: "linux" as const,
    variables: { DISPLAY: ":0" },
    ran: ["xdg-open"],
    told: `Opened ${URL_OF_API}`,
  },
  {
    text: "a Mac",
    os: "darwin" as const,
    variables: {},
    ran: ["open"],
    told: `Opened ${URL_OF_API}`,
  },
  {
    text: "a machine without a screen",
    os: "linux" as const,
    variables: { SSH_CONNECTION: "x" },
    ran: [],
    told: `Open ${URL_OF_API}`,
  },
  {
    text: "a Mac that is far away",
    os: "darwin" as const,
    variables: { SSH_CONNECTION: "x" },
    ran: [],
    told: `Open ${URL_OF_API}`,
  },
  {
    text: "a desktop without a browser",
    os: "linux" as const,
    variables: { WAYLAND_DISPLAY: "w" },
    end: { kind: "missing" } as const,
    ran: ["xdg-open"],
    told: `Open ${URL_OF_API}`,
  },
])("an address on $text", async ({ end, os, ran, told, variables }) => {
  assertEquals(await opened(os, variables, end), { told, ran: [...ran] });
});

Deno.test("an error is told with its next step", () => {
  const error = new KnownError("lock_busy", "Another command", {
    hint: "Wait",
  });
  assertEquals(explain(error), {
    isBad: true,
    lines: ["Another command", "Wait"],
  });
  assertEquals(explain("odd").lines, ["odd"]);
});
