import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedData } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { readFacts } from "./file-facts.ts";

const folder = sharedData();
const found = (name: string, bytes: BlobPart[]) => ({ name, file: new File(bytes, "x") });

describe("what is read of a chosen file", () => {
  it("is nothing where its name says another kind", async () => {
    const slice = (): never => {
      throw new Error("nobody should read this");
    };
    expect(await readFacts({ name: "a/report.pdf", file: { size: 1, lastModified: 0, slice } })).toBeNull();
  });

  it.each(["IM1", "a/1.dcm", "a/1.2.840.3"])("is nothing of a file %s that is no image", async (name) => {
    expect(await readFacts(found(name, ["no image at all"]))).toBeNull();
  });

  it("is nothing where the file cannot be read", async () => {
    const slice = () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }) as unknown as Blob;
    expect(await readFacts({ name: "IM1", file: { size: 1, lastModified: 0, slice } })).toBeNull();
  });
});

describe.skipIf(folder === null)("what is read of a real image (needs the shared data)", () => {
  it("is its series, without reading the picture", async () => {
    const bytes = readFileSync(join(folder ?? "", "dicom", "CT_small.dcm"));
    let readBytes = 0;
    const file = new File([bytes], "IM1");
    const slice = (from?: number, to?: number) => {
      readBytes += (to ?? 0) - (from ?? 0);
      return file.slice(from, to);
    };
    const facts = await readFacts({ name: "study/IM1", file: { size: file.size, lastModified: 0, slice } });
    expect(facts?.modality).toBe("CT");
    expect(readBytes).toBeLessThan(file.size);
  });
});
