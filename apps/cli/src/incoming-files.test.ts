import { link, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bytes, utf8Bytes } from "@safeconduct/foundation";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { makeFolder, saveFile } from "./incoming-files.ts";

const UNWRITABLE = { code: "cli/unwritable-folder" };
const { random } = nodeCrypto();
let root: string;
let out: string;
let elsewhere: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "incoming-"));
  out = join(root, "out");
  elsewhere = join(root, "elsewhere");
  for (const folder of [out, elsewhere]) await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true }));

async function* piecesOf(...texts: string[]): AsyncIterable<Bytes> {
  for (const text of texts) yield utf8Bytes(text);
}
const save = (path: string, pieces = piecesOf("their ", "file")) =>
  saveFile({ folder: out, path, random, onProgress: () => undefined }, pieces);
const names = async (folder = out) => (await readdir(folder, { recursive: true })).sort();

describe("a file of a package", () => {
  test("is saved under its path, folders made on the way, and nothing else is there", async () => {
    expect(await save("a/b/c.txt")).toBe(join(out, "a/b/c.txt"));
    expect(await readFile(join(out, "a/b/c.txt"), "utf8")).toBe("their file");
    expect(await names()).toEqual(["a", "a/b", "a/b/c.txt"]);
  });

  test("replaces nothing, however many are there", async () => {
    for (const name of ["c.txt", "c (2).txt"]) await writeFile(join(out, name), "mine");
    expect(await save("c.txt")).toBe(join(out, "c (3).txt"));
    expect(await readFile(join(out, "c.txt"), "utf8")).toBe("mine");
  });

  test("is not mixed with another that comes under its name at the same time", async () => {
    const paths = await Promise.all(Array.from({ length: 8 }, (_, at) => save("c.txt", piecesOf(`file ${at}`))));
    expect(new Set(paths).size).toBe(8);
    const contents = await Promise.all(paths.map((path) => readFile(path, "utf8")));
    expect(contents).toEqual(Array.from({ length: 8 }, (_, at) => `file ${at}`));
    expect(await names()).toHaveLength(8);
  });

  test("may have the longest name that a file system takes, also twice", async () => {
    const name = `${"n".repeat(251)}.txt`;
    expect(await save(name)).toBe(join(out, name));
    expect(await save(name)).toBe(join(out, `${"n".repeat(247)} (2).txt`));
  });

  test("whose content turns out to be false leaves nothing", async () => {
    const falseContent = async function* (): AsyncIterable<Bytes> {
      yield utf8Bytes("their ");
      throw new Error("not genuine");
    };
    await expect(save("a.txt", falseContent())).rejects.toThrow("not genuine");
    expect(await names()).toEqual([]);
  });
});

describe("a link that lies in the folder", () => {
  test("in place of a folder is not followed", async () => {
    await symlink(elsewhere, join(out, "images"));
    await expect(save("images/ct.dcm")).rejects.toMatchObject(UNWRITABLE);
    await mkdir(join(out, "a"));
    await symlink(elsewhere, join(out, "a/b"));
    await expect(save("a/b/c/ct.dcm")).rejects.toMatchObject(UNWRITABLE);
    expect(await names(elsewhere)).toEqual([]);
  });

  test("in place of the file is neither followed nor replaced", async () => {
    const target = join(elsewhere, "profile");
    await symlink(target, join(out, "ct.dcm"));
    expect(await save("ct.dcm")).toBe(join(out, "ct (2).dcm"));
    expect(await readlink(join(out, "ct.dcm"))).toBe(target);
    expect(await names(elsewhere)).toEqual([]);
  });

  test("to one of the recipient's files, hard or symbolic, leaves that file alone", async () => {
    const mine = join(elsewhere, "mine");
    await writeFile(mine, "mine");
    await link(mine, join(out, "hard.dcm"));
    await symlink(mine, join(out, "soft.dcm"));
    await save("hard.dcm");
    await save("soft.dcm");
    expect(await readFile(mine, "utf8")).toBe("mine");
  });

  test("as the chosen folder itself is the recipient's own wish", async () => {
    await symlink(elsewhere, join(root, "shortcut"));
    const path = await saveFile(
      { folder: join(root, "shortcut"), path: "a.txt", random, onProgress: () => undefined },
      piecesOf("x"),
    );
    expect((await lstat(path)).isFile()).toBe(true);
    expect(await names(elsewhere)).toEqual(["a.txt"]);
  });
});

describe("a place that cannot take files", () => {
  test("a file where the folder should be", async () => {
    await writeFile(join(root, "file"), "");
    await expect(makeFolder(join(root, "file"))).rejects.toMatchObject(UNWRITABLE);
    await expect(makeFolder(join(root, "file/below"))).rejects.toMatchObject(UNWRITABLE);
  });

  test("a file where a folder of the package should be", async () => {
    await writeFile(join(out, "images"), "mine");
    await expect(save("images/ct.dcm")).rejects.toMatchObject(UNWRITABLE);
    expect(await readFile(join(out, "images"), "utf8")).toBe("mine");
  });
});
