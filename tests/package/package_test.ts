import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  HAS_INSTALLER,
  type Packages,
  unpack,
} from "../../scripts/package_install.ts";
import { runTool } from "../../scripts/package_tool.ts";
import {
  makeBareMachine,
  providePackages,
  runAlone,
  walk,
} from "./packages.ts";
import {
  checkDaemon,
  checkJobs,
  checkServices,
  checkVersion,
} from "./stories.ts";

async function stepArchive(
  t: Deno.TestContext,
  packages: Packages,
): Promise<void> {
  await using machine = await makeBareMachine(packages);
  const { sandbox: { directory, home }, env } = machine;
  const prefix = `${directory}/prefix`;
  const reeve = `${prefix}/bin/reeve`;
  const archive = await unpack(packages.archive, `${directory}/got`, env);
  await t.step("a damaged archive is not installed", async () => {
    const man = `${archive.directory}/share/man/man1/reeve.1`;
    const whole = await Deno.readTextFile(man);
    await Deno.writeTextFile(man, whole.slice(0, -1));
    const { code, text } = await archive.install("--prefix", prefix);
    assertEquals([code, await walk(prefix)], [1, []]);
    assertStringIncludes(text, "damaged");
    await Deno.writeTextFile(man, whole);
  });
  await t.step("it is installed into an empty prefix", async () => {
    const { code, text } = await archive.install("--prefix", prefix);
    assertEquals(code, 0, text);
    assertStringIncludes(text, `export PATH="${prefix}/bin:$PATH"`);
    await checkVersion(reeve, machine);
  });
  await t.step("it starts through a link from elsewhere", async () => {
    await Deno.mkdir(`${home}/bin`);
    await Deno.symlink("../../prefix/bin/reeve", `${home}/bin/there`);
    await Deno.symlink("there", `${home}/bin/reeve`);
    await checkVersion(`${home}/bin/reeve`, machine);
  });
  await t.step("its daemon", () => checkDaemon(reeve, machine, prefix));
  await t.step(
    "an upgrade keeps the build before it, and no older",
    async () => {
      const builds = `${prefix}/lib/reeve`;
      for (const name of ["0.0.1-a", "0.0.2-b"]) {
        await Deno.mkdir(`${builds}/${name}`);
      }
      const launcher = await Deno.readTextFile(reeve);
      const earlier = launcher.replace(
        /lib\/reeve\/[^/]+/,
        "lib/reeve/0.0.2-b",
      );
      await Deno.writeTextFile(reeve, earlier);
      assertEquals((await archive.install("--prefix", prefix)).code, 0);
      const left = await Array.fromAsync(Deno.readDir(builds));
      const names = left.map(({ name }) => name).sort();
      assertEquals([names.length, names[0], names[2]], [
        3,
        "0.0.2-b",
        "install.sh",
      ]);
      assertEquals(await Deno.readTextFile(reeve), launcher);
    },
  );
  await t.step(
    "the installed script removes it, and leaves the state",
    async () => {
      const state = `${machine.sandbox.root}/config.json`;
      await Deno.writeTextFile(state, "{}");
      const script = `${prefix}/lib/reeve/install.sh`;
      const words = [script, "--uninstall"];
      const { code, stderr } = await runAlone("/bin/sh", words, env);
      assertEquals([code, stderr, await walk(prefix)], [0, "", []]);
      assertEquals(await Deno.readTextFile(state), "{}");
    },
  );
}

async function stepSelfExtracting(
  t: Deno.TestContext,
  packages: Packages,
): Promise<void> {
  await using machine = await makeBareMachine(packages);
  const program = packages.selfExtracting;
  const cache = `${machine.sandbox.home}/.cache/reeve`;
  await t.step("two first starts at once unpack it once", async () => {
    await Promise.all([
      checkVersion(program, machine),
      checkVersion(program, machine),
    ]);
    const entries = await Array.fromAsync(Deno.readDir(cache));
    assertEquals(entries.length, 1);
    const mode = (await Deno.stat(`${cache}/${entries[0]?.name}`)).mode ?? 0;
    assertEquals(mode & 0o777, 0o700);
  });
  await t.step("its daemon", () => checkDaemon(program, machine, cache));
  await t.step("half a file is refused and leaves nothing", async () => {
    const half = `${machine.sandbox.directory}/half.run`;
    const bytes = await Deno.readFile(program);
    await Deno.writeFile(half, bytes.subarray(0, bytes.length / 2), {
      mode: 0o755,
    });
    const elsewhere = `${machine.sandbox.directory}/cache`;
    const env = { ...machine.env, "XDG_CACHE_HOME": elsewhere };
    const { code, stderr } = await runAlone(half, ["--version"], env);
    assertEquals([code, await walk(elsewhere)], [1, []]);
    assertStringIncludes(stderr, "damaged");
  });
  await t.step("without a HOME it says what it needs", async () => {
    const env = { "PATH": packages.path };
    const { code, stderr } = await runAlone(program, ["--version"], env);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "neither HOME nor XDG_CACHE_HOME");
  });
}

async function stepNpm(
  t: Deno.TestContext,
  packages: Packages,
): Promise<void> {
  await using machine = await makeBareMachine(packages);
  const { directory } = machine.sandbox;
  const entries = await Array.fromAsync(Deno.readDir(packages.directory));
  const [unix = "", windows = ""] = entries.map(({ name }) => name)
    .filter((name) => name.endsWith(".tgz"))
    .sort((a, b) => a.length - b.length);
  const prefix = `${directory}/npm`;
  await t.step(
    "npm install --global takes it, without any script",
    async () => {
      await runTool("npm", [
        ...["install", "--global", "--ignore-scripts", "--prefer-offline"],
        ...["--no-audit", "--no-fund", "--prefix", prefix],
        `${packages.directory}/${unix}`,
      ]);
      await checkVersion(`${prefix}/bin/reeve`, machine);
    },
  );
  await t.step("its daemon", async () => {
    await checkDaemon(`${prefix}/bin/reeve`, machine, prefix);
  });
  await t.step("its services", async () => {
    await checkServices(`${prefix}/bin/reeve`, machine);
  });
  await t.step("its jobs", async () => {
    await checkJobs(`${prefix}/bin/reeve`, machine);
  });
  await t.step("without its runtime it says so", async () => {
    const scope = `${prefix}/lib/node_modules/@reeve/reeve/node_modules`;
    await Deno.remove(scope, { recursive: true });
    const { code, stderr } = await runAlone(
      `${prefix}/bin/reeve`,
      ["--version"],
      machine.env,
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, "no runtime for this machine");
  });
  await t.step(
    "the one for Windows starts without an interpreter",
    async () => {
      const into = `${directory}/windows`;
      await Deno.mkdir(into);
      const tarball = `${packages.directory}/${windows}`;
      await runTool("tar", ["-xzf", tarball, "-C", into]);
      const manifest = await Deno.readTextFile(`${into}/package/package.json`);
      const { bin, os } = JSON.parse(manifest);
      assertEquals(os, ["win32"]);
      const starter = await Deno.readTextFile(`${into}/package/${bin.reeve}`);
      assert(starter.startsWith("@echo off\r\n"), starter);
    },
  );
}

Deno.test({
  name: "what people download",
  ignore: !HAS_INSTALLER,
  async fn(t) {
    await using packages = await providePackages();
    await t.step("the archive", (t) => stepArchive(t, packages));
    await t.step(
      "the file that unpacks itself",
      (t) => stepSelfExtracting(t, packages),
    );
    await t.step("the packages for npm", (t) => stepNpm(t, packages));
  },
});
