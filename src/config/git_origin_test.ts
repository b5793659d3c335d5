import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import {
  parseOriginUrl,
  readOriginName,
  repositoryName,
} from "./git_origin.ts";

Deno.test.each([
  { url: "https://git.example/org/My-App.git", name: "My-App" },
  { url: "git@git.example:org/my-app.git", name: "my-app" },
  { url: "git@git.example:my-app", name: "my-app" },
  { url: "ssh://git@git.example:22/org/my-app/", name: "my-app" },
  { url: "/srv/git/my-app.git/", name: "my-app" },
  { url: "C:\\git\\my-app", name: "my-app" },
  { url: "../my-app", name: "my-app" },
  { url: "https://git.example/my-app?x#y", name: "my-app" },
  { url: "", name: undefined },
  { url: ".git", name: undefined },
])("repositoryName() of '$url' is $name", ({ url, name }) => {
  assertEquals(repositoryName(url), name);
});

Deno.test.each([
  { name: "the origin", text: '[remote "origin"]\n\turl = a/b\n', url: "a/b" },
  { name: "quotes", text: '[remote "origin"]\nurl = "a/b"', url: "a/b" },
  {
    name: "the origin among others",
    text:
      '[core]\nurl = x\n[remote "up"]\nurl = y\n[remote "origin"]\r\n\tfetch = +x\r\n\turl=a/b\r\n[branch "z"]\nurl = w\n',
    url: "a/b",
  },
  { name: "another remote", text: '[remote "up"]\nurl = y\n', url: undefined },
  {
    name: "a push address",
    text: '[remote "origin"]\npushurl = y',
    url: undefined,
  },
  { name: "nothing", text: "", url: undefined },
])("parseOriginUrl() with $name is $url", ({ text, url }) => {
  assertEquals(parseOriginUrl(text), url);
});

const CONFIG = '[remote "origin"]\n\turl = git@h:o/app.git\n';

Deno.test.each([
  { name: "a checkout", files: { "/p/.git/config": CONFIG }, is: "app" },
  {
    name: "a worktree",
    files: {
      "/p/.git": "gitdir: /main/.git/worktrees/p\n",
      "/main/.git/worktrees/p/commondir": "../..\n",
      "/main/.git/config": CONFIG,
    },
    is: "app",
  },
  {
    name: "a submodule",
    files: {
      "/p/.git": "gitdir: ../.git/modules/p\n",
      "/.git/modules/p/config": CONFIG,
    },
    is: "app",
  },
  { name: "no origin", files: { "/p/.git/config": "[core]\n" }, is: undefined },
  { name: "no settings", files: { "/p/.git/HEAD": "x" }, is: undefined },
  { name: "a broken pointer", files: { "/p/.git": "x" }, is: undefined },
  {
    name: "a pointer into nothing",
    files: { "/p/.git": "gitdir: /gone\n" },
    is: undefined,
  },
  { name: "no repository", files: {}, is: undefined },
])("readOriginName() of $name is $is", ({ files, is }) => {
  const host = createFakeHost();
  for (const [path, text] of Object.entries(files)) {
    host.world.disk.put(path, text);
  }
  assertEquals(readOriginName(host, "/p"), is);
});
