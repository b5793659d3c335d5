import { assertEquals } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { checkConformance } from "../../src/receiver/conformance.ts";
import { failuresOf } from "./defective_servers.ts";

Deno.test("the reference keeps its own protocol", async () => {
  assertEquals(await failuresOf({}), {});
});

Deno.test("without a server or a token nothing is checked", async () => {
  const options = {
    url: "http://127.0.0.1:1",
    readToken: () => Promise.resolve(undefined),
  };
  const nobody = await checkConformance(denoHost, options);
  assertEquals(nobody.kind, "unreachable");
  await using started = await startReceiver();
  const { url } = started;
  const none = await checkConformance(denoHost, { ...options, url });
  assertEquals(none.kind, "no_token");
  const readToken = () => Promise.resolve("wrong");
  const wrong = await checkConformance(denoHost, { url, readToken });
  assertEquals(wrong.kind, "token_rejected");
  assertEquals(started.receiver.countEvents(), 0);
});
