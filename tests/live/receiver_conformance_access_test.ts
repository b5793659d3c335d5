import { at, findOut, header } from "./defective_servers.ts";

findOut([
  {
    name: "needs no token for events",
    ask: (request) => {
      const { authorization } = request.headers ?? {};
      const isGood = authorization !== undefined &&
        authorization !== "Bearer wrong";
      const headers = { ...request.headers };
      if (!isGood) headers["authorization"] = "Bearer token-of-a-test";
      return { ...request, headers };
    },
    fails: ["no_token"],
  },
  {
    name: "speaks any version",
    ...header("x-reeve-sync-protocol", () => "3.0"),
    fails: ["protocol"],
  },
  {
    name: "takes any workspace",
    ...header("x-reeve-workspace", () => "ada-private"),
    fails: ["workspace"],
  },
  {
    name: "says no workspace in its own words",
    json: (json) =>
      json.error?.code === "workspace_missing"
        ? { error: { code: "oops" } }
        : json,
    fails: ["workspace"],
  },
  {
    name: "does not name the workspaces",
    ...at("/me", ({ user_id: id }) => ({ "user_id": id, workspaces: [] })),
    fails: [
      "any_order",
      "dedupe",
      "encodings",
      "full_batch",
      "half_conflict",
      "id_conflict",
      "known_status",
      "lookup",
      "machine_codes",
      "max_lamport",
      "me",
      "no_token",
      "one_result_each",
      "oversized_event",
      "protocol",
      "too_many_bytes",
      "too_many_events",
      "watermark",
      "workspace",
      "ws_ack",
      "ws_broadcast",
      "ws_ping",
      "ws_query",
      "ws_snapshot",
      "ws_ticket",
      "ws_ticket_once",
      "broken_body",
    ],
  },
  {
    name: "has no active sessions",
    ...at("session-status", (json) => ({ ...json, status: "ended" })),
    fails: ["session_status"],
  },
]);
