import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedData } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { HEADER_BYTES, readSeriesFacts, type SeriesFacts } from "./dicom-header.ts";
import { fileRows, patientCount } from "./file-rows.ts";

const facts = (series: string, more: Partial<SeriesFacts> = {}): SeriesFacts => ({
  series,
  modality: "CT",
  bodyPart: "CHEST",
  description: "",
  patient: "",
  ...more,
});
const file = (name: string, of: SeriesFacts | null = null) => ({ name, sizeBytes: 10, facts: of });

describe("rows of the list of files", () => {
  it("make one of each series, one of the rest of a folder, and one of every other file", () => {
    const rows = fileRows([
      file("study/1.dcm", facts("1.1")),
      file("study/notes/a.txt"),
      file("letter.pdf"),
      file("study/2.dcm", facts("1.1")),
      file("study/notes/b.txt"),
      file("other/3.dcm", facts("1.2", { bodyPart: "", description: "Sagittal T2", modality: "MR" })),
    ]);
    expect(rows.map(({ kind, name, modality, part, files }) => [kind, name, modality, part, files.length])).toEqual([
      ["series", "", "CT", "chest", 2],
      ["folder", "study", "", "", 2],
      ["file", "letter.pdf", "", "", 1],
      ["series", "", "MR", "Sagittal T2", 1],
    ]);
    expect(rows[0]?.sizeBytes).toBe(20);
  });

  it("name a single file of a folder by its whole path", () => {
    expect(fileRows([file("study/readme.txt")])[0]).toMatchObject({ kind: "file", name: "study/readme.txt" });
  });

  it("count patients by their ids alone; files without one say nothing", () => {
    const files = [file("a", facts("1", { patient: "7" })), file("b", facts("2", { patient: "8" }))];
    expect(patientCount([...files, file("c", facts("3", { patient: "7" })), file("d", facts("4")), file("e")])).toBe(2);
    expect(patientCount([file("e")])).toBe(0);
  });
});

const folder = sharedData();
describe.skipIf(folder === null)("rows of real DICOM files (needs the shared data)", () => {
  it("put files of one series together, however they are encoded", () => {
    const names = ["MR_small.dcm", "CT_small.dcm", "MR_small_implicit.dcm", "MR_small_RLE.dcm"];
    const files = names.map((name) => {
      const read = readSeriesFacts(readFileSync(join(folder ?? "", "dicom", name)).subarray(0, HEADER_BYTES[0]));
      if (read === "more") throw new Error("the header is longer than it should be");
      return { name, sizeBytes: 1, facts: read };
    });
    expect(fileRows(files).map(({ modality, files: of }) => [modality, of.length])).toEqual([
      ["MR", 3],
      ["CT", 1],
    ]);
  });
});
