import { assertEquals } from "@std/assert";
import { DEPENDENCIES } from "./dependency_registry.ts";
import { DEPENDENCY_IDS } from "./service_keys.ts";
import {
  DEPENDENCY_SOURCES,
  knownSources,
  serviceSources,
} from "./template_sources.ts";

Deno.test.each(DEPENDENCY_IDS)("%s provides what settings may name", (id) => {
  const { project, resources, secretNames } = DEPENDENCIES[id];
  const provided = project({
    host: "localhost",
    ports: resources,
    isTls: false,
    user: "u",
    password: "p",
    database: "d",
    path: "",
    query: "",
    secrets: Object.fromEntries(secretNames.map((name) => [name, "x"])),
  }, "localhost");
  assertEquals(
    Object.fromEntries(
      provided.map(({ name, isSecret }) => [name, { isSecret }]),
    ),
    DEPENDENCY_SOURCES[id],
  );
});

Deno.test("serviceSources() has the addresses of services with a port", () => {
  const sources = serviceSources({ name: "Main", root: "/r" }, [
    { slug: "job-runner", port: undefined, publicUrl: undefined },
    { slug: "web-app", port: 9001, publicUrl: undefined },
    { slug: "api", port: 8001, publicUrl: "https://x/" },
  ], "dev");
  const values = [...sources].map(([name, { value }]) => [name, value]);
  assertEquals(Object.fromEntries(values), {
    PROJECT_NAME: "Main",
    PROJECT_ROOT: "/r",
    SERVICE_WEB_APP_HOST: "localhost",
    SERVICE_WEB_APP_PORT: "9001",
    SERVICE_WEB_APP_URL: "http://localhost:9001",
    SERVICE_WEB_APP_WS_URL: "ws://localhost:9001",
    SERVICE_WEB_APP_PUBLIC_URL: "http://dev:9001",
    SERVICE_API_HOST: "localhost",
    SERVICE_API_PORT: "8001",
    SERVICE_API_URL: "http://localhost:8001",
    SERVICE_API_WS_URL: "ws://localhost:8001",
    SERVICE_API_PUBLIC_URL: "https://x/",
  });
});

Deno.test("knownSources() knows all that serviceSources() has", () => {
  const known = knownSources([
    { slug: "api", portBase: 1 },
    { slug: "job", portBase: undefined },
  ], ["redis"]);
  const given = serviceSources({ name: "Main", root: "/r" }, [
    { slug: "api", port: 1, publicUrl: undefined },
  ], "h");
  assertEquals(
    [...known.keys()].toSorted(),
    [...given.keys(), ...Object.keys(DEPENDENCY_SOURCES.redis)].toSorted(),
  );
  assertEquals(known.get("REDIS_URL"), { isSecret: true });
});
