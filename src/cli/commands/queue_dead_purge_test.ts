import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { runCli } from "../run.ts";

Deno.test.each([
  { answer: true, exit: 0, says: "1 job deleted.\n", left: 0 },
  { answer: false, exit: 2, says: "Nothing was done.\n", left: 1 },
])("reeve queue dead purge asks at a terminal: $answer", async (row) => {
  const host = createFakeHost({
    terminal: { isInteractive: true, answers: [row.answer] },
  });
  host.world.modules.put("/mail.ts", {
    run() {
      throw new Error("no stamp");
    },
  });
  const run = (line: string) => runCli(host, ["queue", ...line.split(" ")]);
  assertEquals(await run("enqueue mail 1 --attempts 1"), 0);
  const working = run("worker --handler /mail.ts --until-empty --quiet");
  await host.world.advance(2000);
  assertEquals(await working, 1);
  host.terminal.output = "";
  assertEquals(await run("dead purge mail --all"), 0);
  assertEquals(host.terminal.questions, []);
  const words = "1 job would be deleted for good. Carry it out with --apply.\n";
  assertEquals(host.terminal.output, words);
  host.terminal.output = "";
  assertEquals(await run("dead purge mail --all --apply"), row.exit);
  assertEquals(host.terminal.questions, ["Delete 1 job of mail for good?"]);
  assertEquals(host.terminal.output, row.says);
  host.terminal.output = "";
  await run("status --json");
  const { queues } = JSON.parse(host.terminal.output);
  assertEquals(queues[0].dead, row.left);
});
