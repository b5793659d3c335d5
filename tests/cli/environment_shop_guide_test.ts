/** The guide to the shop: each of its command lines does what it says. */

import { assert, assertEquals } from "@std/assert";
import { makeShop, numberOf, type Shop } from "#support/shop.ts";
import { denoHost } from "../../src/host/deno_host.ts";

// The C library stays open for the life of a process.
await denoHost.processes.hold(2 ** 30);

const CHECKOUT = new URL("../..", import.meta.url).pathname;
const GUIDE = `${CHECKOUT}/docs/guide/getting_started.md`;

/** Stands for npx, which would fetch what runs this test. */
const NPX = `#!/bin/sh
[ "$1 $2" = "-y deno@2.9.6" ] || exit 99
shift 2
exec deno "$@"
`;

/** The blocks of commands, in their order. */
async function readBlocks(): Promise<readonly string[]> {
  const text = await Deno.readTextFile(GUIDE);
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) =>
    block
  );
}

/** A shell that runs one block after the other and says what each has said. */
class Reader {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.#child = new Deno.Command("sh", {
      args: ["-eu"],
      cwd,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#writer = this.#child.stdin.getWriter();
  }

  /** Runs a block to its end. */
  async run(block: string): Promise<string> {
    const lines = `{\n${block}} </dev/null 2>&1\necho @done\n`;
    await this.#writer.write(new TextEncoder().encode(lines));
    let seen = "";
    while (!seen.endsWith("@done\n")) {
      const { value, done } = await this.#output.read();
      assert(!done, `${block} ends well: ${seen}`);
      seen += value;
    }
    return seen;
  }

  /** Ends the shell. */
  async end(): Promise<void> {
    await this.#writer.close();
    assertEquals((await this.#child.status).code, 0);
    await this.#output.cancel();
  }
}

async function orderTeapot(shop: Shop): Promise<void> {
  const units = await shop.units();
  await shop.order(numberOf(units, "Main frontend", "port"), 1, 1);
}

async function killApi(shop: Shop): Promise<void> {
  Deno.kill(numberOf(await shop.units(), "Main backend", "pid"), "SIGKILL");
}

Deno.test({
  name: "every command line of the guide to the shop does what it says",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using shop = await makeShop();
    await Deno.remove(shop.root, { recursive: true });
    const { HOME: home = "" } = shop.env;
    await Deno.mkdir(`${home}/bin`);
    await Deno.writeTextFile(`${home}/bin/npx`, NPX, { mode: 0o755 });
    const env = {
      ...shop.env,
      PATH: `${home}/bin:${shop.env["PATH"]}`,
      GIT_AUTHOR_NAME: "t",
      GIT_AUTHOR_EMAIL: "t@localhost",
      GIT_COMMITTER_NAME: "t",
      GIT_COMMITTER_EMAIL: "t@localhost",
    };
    const reader = new Reader(CHECKOUT, env);
    const blocks = await readBlocks();
    const said: string[] = [];
    for (const block of blocks) {
      if (block.includes("reeve logs")) await orderTeapot(shop);
      if (block.includes("reeve health")) await killApi(shop);
      said.push(await reader.run(block));
    }
    await reader.end();
    const saidBy = (words: string) =>
      said[blocks.findIndex((block) => block.includes(words))] ?? "";
    const expect = (words: string, ...parts: readonly string[]) => {
      for (const part of parts) assert(saidBy(words).includes(part), part);
    };
    expect("explain-startup", "Nothing was changed.", "Started.");
    expect("reeve logs", "Order 1: 1 of product 1");
    expect("reeve health", "Main Backend", "Main backend is ready");
    expect("restart frontend", "Main frontend has stopped");
    expect("--trees --all", "cups");
    expect("stop-all", "Stopped:");
    assertEquals([await shop.running(), shop.listening()], [[], []]);
  },
});
