import { assert, assertEquals } from "@std/assert";
import { NPM_PACKAGES, npmManifest, runtimePlaces } from "./npm_package.ts";

Deno.test.each([
  { at: 0, os: ["linux", "darwin"], runtimes: 4 },
  { at: 1, os: ["win32"], runtimes: 1 },
])("package $at is for $os", ({ at, os, runtimes }) => {
  const [first, second] = NPM_PACKAGES;
  assert(first !== undefined && second !== undefined);
  const kind = at === 0 ? first : second;
  const manifest = npmManifest(kind);
  assertEquals([manifest["name"], manifest["os"]], [kind.name, os]);
  const wanted = manifest["optionalDependencies"] ?? manifest["dependencies"];
  const names = Object.keys(wanted as object);
  assertEquals(names.length, runtimes);
  // Each is looked for below the package first, then beside its scope.
  assertEquals(
    runtimePlaces(kind).map((path) => path.replace(/\/deno(\.exe)?$/, "")),
    [
      ...names.map((name) => `../node_modules/${name}`),
      ...names.map((name) => `../../../${name}`),
    ],
  );
  assertEquals(manifest["scripts"], undefined);
});
