/** Opens a channel, publishes an event, stops, and has nothing left to do. */

import { claimMany, openClient } from "./live_socket_client.ts";

async function main(): Promise<void> {
  const client = openClient({
    url: Deno.env.get("SERVER") ?? "",
    token: Deno.env.get("TOKEN") ?? "",
    workspace: Deno.env.get("WORKSPACE") ?? "",
  });
  await client.opened();
  await client.channel.publish(claimMany(1));
  const stoppedAt = Date.now();
  const startedAt = performance.now();
  await client.channel.stop();
  const stopMs = performance.now() - startedAt;
  const text = JSON.stringify({ stoppedAt, stopMs });
  await Deno.stdout.write(new TextEncoder().encode(text));
}

if (import.meta.main) await main();
