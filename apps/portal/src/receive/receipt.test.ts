import type { FileId } from "@safeconduct/foundation";
import { describe, expect, test } from "vitest";
import { VIEW_LIMITS_BYTES } from "../view/kinds.ts";
import { receiptDue } from "./receipt.ts";

const file = (path: string, sizeBytes = 1) => ({
  id: path as FileId,
  path,
  mediaType: "application/octet-stream",
  sizeBytes,
});
const [pdf, text, zip] = [file("a.pdf"), file("b.txt"), file("c.zip")];
const huge = file("d.pdf", VIEW_LIMITS_BYTES.pdf + 1);
const bare = file("study/IM0001");

const due = (profile: "viewable" | "downloadable", files: readonly (typeof pdf)[], arrived: readonly (typeof pdf)[]) =>
  receiptDue(files, { profile, hasArrived: (id) => arrived.some((each) => each.id === id) });

describe("a receipt is due", () => {
  test("once every file has arrived, where they may be downloaded", () => {
    expect(due("downloadable", [pdf, zip], [])).toBeNull();
    expect(due("downloadable", [pdf, zip], [pdf])).toBeNull();
    expect(due("downloadable", [pdf, zip], [pdf, zip])).toEqual({ files: 2, unseen: 0 });
  });

  test("once every file that can be shown was opened, where they may only be viewed", () => {
    const all = [pdf, text, zip, huge];
    expect(due("viewable", all, [])).toBeNull();
    expect(due("viewable", all, [pdf])).toBeNull();
    expect(due("viewable", all, [pdf, text])).toEqual({ files: 2, unseen: 2 });
    expect(due("viewable", [pdf, text], [pdf, text])).toEqual({ files: 2, unseen: 0 });
  });

  test("only after a file without an ending was opened too: its content tells what it is", () => {
    expect(due("viewable", [pdf, bare], [pdf])).toBeNull();
    expect(due("viewable", [pdf, bare], [pdf, bare])).toEqual({ files: 2, unseen: 0 });
  });

  test("never where nothing can be shown, and nothing was", () => {
    expect(due("viewable", [zip], [])).toBeNull();
    expect(due("viewable", [huge, zip], [])).toBeNull();
    expect(due("viewable", [], [])).toBeNull();
    expect(due("downloadable", [], [])).toBeNull();
  });
});
