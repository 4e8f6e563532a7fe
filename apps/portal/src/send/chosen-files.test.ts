import { FILE_LIMIT, PACKAGE_LIMIT_BYTES } from "@safeconduct/envelope";
import { describe, expect, it } from "vitest";
import { addFiles, type FoundFile, matchFiles } from "./chosen-files.ts";

const found = (name: string, size = 10, lastModified = 1) => ({
  name,
  file: { size, lastModified, slice: () => new Blob() },
  facts: null,
});
const names = (files: readonly { name: string }[]) => files.map(({ name }) => name);

describe("chosen files", () => {
  it("come after those that are there, and none comes twice", () => {
    const first = addFiles([], [found("a/x.dcm"), found("b.pdf")]);
    const second = addFiles(first.files, [found("b.pdf"), found("c.pdf"), found("c.pdf")]);
    expect(names(second.files)).toEqual(["a/x.dcm", "b.pdf", "c.pdf"]);
    expect(second).toMatchObject({ repeated: 2, left: 0 });
    expect(new Set(second.files.map(({ key }) => key)).size).toBe(3);
  });

  it("of one name that are different files are both taken", () => {
    expect(addFiles([], [found("b.pdf", 10, 1), found("b.pdf", 10, 2), found("b.pdf", 11, 1)]).files).toHaveLength(3);
  });

  it("are as many as a package takes and not one more", () => {
    const most = Array.from({ length: FILE_LIMIT }, (_, index) => found(`${index}`));
    expect(addFiles([], most)).toMatchObject({ left: 0 });
    expect(addFiles([], [...most, found("more")])).toMatchObject({ left: 1 });
  });

  it("are as large as a package may be and not a byte more", () => {
    expect(addFiles([], [found("a", PACKAGE_LIMIT_BYTES)]).left).toBe(0);
    expect(addFiles([], [found("a", PACKAGE_LIMIT_BYTES), found("b", 1), found("c", 0)])).toMatchObject({ left: 1 });
  });
});

describe("files that are chosen again", () => {
  const known = [
    { name: "study/1.dcm", sizeBytes: 10, modifiedAt: 1 },
    { name: "note.pdf", sizeBytes: 20, modifiedAt: 2 },
  ];
  const match = (...given: FoundFile[]) => matchFiles(known, given);

  it("are found in any order, beside others, and without their folder", () => {
    const [note, image] = [found("note.pdf", 20, 2), found("1.dcm", 10, 1)];
    expect(match(found("other"), note, image)).toEqual({ files: [image.file, note.file], missing: [] });
  });

  it("are not those of another size or another time", () => {
    expect(match(found("study/1.dcm", 11, 1), found("note.pdf", 20, 3)).missing).toEqual(["study/1.dcm", "note.pdf"]);
  });

  it("are not guessed at where two could be meant", () => {
    expect(match(found("a/1.dcm", 10, 1), found("b/1.dcm", 10, 1), found("note.pdf", 20, 2)).missing).toEqual([
      "study/1.dcm",
    ]);
  });
});
