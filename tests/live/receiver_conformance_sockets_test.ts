import { at, findOut } from "./defective_servers.ts";

findOut([
  {
    name: "gives tickets without an address",
    ...at("ws-token", ({ ws_token: token }) => ({ "ws_token": token })),
    fails: [
      "ws_ack",
      "ws_broadcast",
      "ws_ping",
      "ws_query",
      "ws_snapshot",
      "ws_ticket",
      "ws_ticket_once",
    ],
  },
  {
    name: "opens sockets without a look at the ticket",
    open: (_open, _url, _headers, { onOpen, onClose }) => {
      queueMicrotask(() => onOpen?.());
      const send = () => true;
      return { send, close: () => onClose(1000, ""), bufferedBytes: 0 };
    },
    fails: [
      "ws_ack",
      "ws_broadcast",
      "ws_ping",
      "ws_query",
      "ws_snapshot",
      "ws_ticket_once",
    ],
  },
  {
    name: "takes a token in the query",
    open: (open, url, headers, events) => {
      const { origin, pathname, searchParams } = new URL(url);
      const [token] = searchParams.values();
      const all = token === undefined
        ? headers
        : { authorization: `Bearer ${token}` };
      return open(origin + pathname, all, events);
    },
    fails: ["ws_query"],
  },
  {
    name: "has no cursor",
    frame: ({ cursor: _cursor, ...frame }) => frame,
    fails: ["ws_snapshot"],
  },
  {
    name: "acknowledges another event",
    frame: (frame) =>
      frame.type === "ack" ? { ...frame, "event_id": "other" } : frame,
    fails: ["ws_ack"],
  },
  {
    name: "answers pings with a time of its own",
    frame: (frame) =>
      frame.type === "pong" ? { ...frame, timestamp: "now" } : frame,
    fails: ["ws_ping"],
  },
  {
    name: "tells nobody of new events",
    frame: (frame) => frame.type === "event" ? undefined : frame,
    fails: ["ws_broadcast"],
  },
]);
