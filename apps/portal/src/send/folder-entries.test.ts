import { describe, expect, it } from "vitest";
import { FOLDER_DEPTH_LIMIT, readEntries } from "./folder-entries.ts";

/** As a browser gives them: a folder's reader answers a few at a time. */
type Tree = { readonly [name: string]: Tree | "file" | "broken" };
function entries(tree: Tree, above = ""): FileSystemEntry[] {
  return Object.entries(tree).map(([name, inside]) => {
    const shared = { name, fullPath: `${above}/${name}` };
    if (typeof inside === "string") {
      const file = (give: (file: File) => void, refuse: (error: unknown) => void): void =>
        inside === "file" ? give(new File(["x"], name)) : refuse(new DOMException("gone", "NotFoundError"));
      return { ...shared, isFile: true, isDirectory: false, file } as unknown as FileSystemEntry;
    }
    const createReader = () => {
      const left = entries(inside, shared.fullPath);
      return { readEntries: (give: (some: FileSystemEntry[]) => void) => give(left.splice(0, 2)) };
    };
    return { ...shared, isFile: false, isDirectory: true, createReader } as unknown as FileSystemEntry;
  });
}
const dropped = async (tree: Tree) => {
  const { found, unreadable } = await readEntries(entries(tree));
  return { names: found.map(({ name }) => name), unreadable };
};

describe("dropped files and folders", () => {
  it("keep their paths, in the order of names, also beyond what a reader gives at once", async () => {
    const study = { "3": "file", "1": "file", "2": { b: "file", a: "file" }, "4": "file", "5": "file" } as const;
    expect(await dropped({ study, "note.pdf": "file" })).toEqual({
      names: ["study/1", "study/2/a", "study/2/b", "study/3", "study/4", "study/5", "note.pdf"],
      unreadable: 0,
    });
  });

  it("that cannot be read are counted, and the others are taken", async () => {
    expect(await dropped({ a: "broken", b: "file", empty: {} })).toEqual({ names: ["b"], unreadable: 1 });
  });

  it("are followed as deep as the limit and no deeper", async () => {
    const nest = (depth: number): Tree => (depth === 0 ? { x: "file" } : { f: nest(depth - 1) });
    expect((await dropped(nest(FOLDER_DEPTH_LIMIT))).names).toHaveLength(1);
    expect(await dropped(nest(FOLDER_DEPTH_LIMIT + 1))).toEqual({ names: [], unreadable: 1 });
  });
});
