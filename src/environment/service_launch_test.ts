import { assertEquals, assertThrows } from "@std/assert";
import { wantedService } from "#support/wanted_units.ts";
import { KnownError } from "../errors.ts";
import {
  addressesOf,
  expectsListener,
  type LaunchFacts,
  launchOf,
} from "./service_launch.ts";

const OWN: Readonly<Record<string, string>> = {
  "PATH": "/bin",
  "HOME": "/home/ada",
  "LC_TIME": "de_DE",
  "SSH_AUTH_SOCK": "/run/agent",
  "AWS_SECRET_ACCESS_KEY": "secret",
  "NODE_OPTIONS": "--inspect",
  "REEVE_UNIT": "another",
};

function factsOf(part: Partial<LaunchFacts> = {}): LaunchFacts {
  return {
    project: { name: "Main", root: "/shop" },
    settings: {
      inheritedEnv: ["NODE_OPTIONS", "MISSING"],
      publicHost: "shop.test",
      services: [
        wantedService("api", { publicUrl: "https://api.test:{port}/" }),
        wantedService("web"),
      ],
    },
    port: 9001,
    ports: new Map([["api", 8001], ["web", 9001]]),
    provided: new Map([
      ["REDIS_URL", { value: "redis://localhost:1" }],
      ["DB_PASSWORD", { value: "secret" }],
    ]),
    env: { get: (name) => OWN[name] },
    ...part,
  };
}

Deno.test("a service gets what is allowed and what its settings name, and no more", () => {
  const service = wantedService("web", {
    command: ["serve", "--port={port}", "--api={port:api}", "{project_root}"],
    directory: "front",
    env: {
      "CACHE": "${REDIS_URL}/2",
      "API": "${SERVICE_API_URL}",
      "API_PUBLIC": "${SERVICE_API_PUBLIC_URL}",
      "GONE": "${N8N_URL}",
      "REEVE_SERVICE": "pretender",
    },
  });
  assertEquals(launchOf(service, factsOf()), {
    command: ["serve", "--port=9001", "--api=8001", "/shop"],
    cwd: "/shop/front",
    env: {
      "HOME": "/home/ada",
      "LC_TIME": "de_DE",
      "PATH": "/bin",
      "NODE_OPTIONS": "--inspect",
      "PORT": "9001",
      "CACHE": "redis://localhost:1/2",
      "API": "http://localhost:8001",
      "API_PUBLIC": "https://api.test:8001/",
      "REEVE_PROJECT": "Main",
      "REEVE_SERVICE": "web",
    },
    dropped: [{ name: "GONE", source: "N8N_URL" }],
  });
});

Deno.test("a service without a port gets none, and may not name one", () => {
  const facts = factsOf({ port: undefined });
  const { env } = launchOf(wantedService("job"), facts);
  assertEquals(env["PORT"], undefined);
  const service = wantedService("job", { command: ["run", "{port}"] });
  assertThrows(() => launchOf(service, facts), KnownError, "it has no port");
});

Deno.test("its own PORT wins over the one that it is given", () => {
  const service = wantedService("web", { env: { "PORT": "80" } });
  assertEquals(launchOf(service, factsOf()).env["PORT"], "80");
});

Deno.test.each([
  {
    text: "its own templates",
    part: { publicUrl: "https://x:{port}/a", healthUrl: "http://y:{port}/up" },
    port: 81,
    urls: ["https://x:81/a", "http://y:81/up"],
  },
  {
    text: "its port",
    part: {},
    port: 81,
    urls: ["http://shop.test:81", undefined],
  },
  {
    text: "its rule",
    part: { ready: { kind: "http", path: "/up" } as const },
    port: 81,
    urls: ["http://shop.test:81", "http://localhost:81/up"],
  },
  {
    text: "nothing without a port",
    part: {
      publicUrl: "https://x:{port}/a",
      ready: { kind: "http", path: "/up" } as const,
    },
    port: undefined,
    urls: [undefined, undefined],
  },
  {
    text: "an address that has no port in it",
    part: { publicUrl: "https://x/" },
    port: undefined,
    urls: ["https://x/", undefined],
  },
])("addresses come from $text", ({ part, port, urls }) => {
  const found = addressesOf(wantedService("web", part), port, "shop.test");
  assertEquals<unknown>([found.publicUrl, found.healthUrl], urls);
});

Deno.test.each([
  { ready: { kind: "listen" } as const, portBase: 80, listens: true },
  { ready: { kind: "http", path: "/" } as const, portBase: 80, listens: true },
  {
    ready: { kind: "log", pattern: "x" } as const,
    portBase: 80,
    listens: true,
  },
  { ready: { kind: "running" } as const, portBase: 80, listens: false },
  { ready: { kind: "exit" } as const, portBase: 80, listens: false },
  { ready: { kind: "listen" } as const, portBase: undefined, listens: false },
])("ready by $ready.kind at $portBase: listens $listens", (row) => {
  const { ready, portBase, listens } = row;
  const service = wantedService("web", { ready, portBase });
  assertEquals(expectsListener(service), listens);
});
