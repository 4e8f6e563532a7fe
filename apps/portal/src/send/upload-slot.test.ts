import { describe, expect, it } from "vitest";
import { rowShares, type UploadRow } from "./upload-slot.ts";

const row = (sizeBytes: number): UploadRow => ({
  key: `${sizeBytes}`,
  kind: "file",
  name: "",
  modality: "",
  part: "",
  sizeBytes,
  fileCount: 1,
});

describe("the progress of each row", () => {
  const rows = [row(100), row(0), row(300)];
  it.each([
    [0, [0, 0, 0]],
    [50, [0.5, 0, 0]],
    [250, [1, 1, 0.5]],
    [420, [1, 1, 1]],
    [500, [1, 1, 1]],
  ])("with %d bytes stored", (storedBytes, shares) => {
    expect(rowShares({ rows, storedBytes, totalBytes: 500 })).toEqual(shares);
  });

  it("is whole for empty files too when everything is stored", () => {
    expect(rowShares({ rows: [row(0)], storedBytes: 10, totalBytes: 10 })).toEqual([1]);
  });
});
