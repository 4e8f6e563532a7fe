/** The limits of the envelope and those of the API stand on one floor and cannot see each other; here they meet. */
import { draftRequest, LIMITS } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { PACKAGE_LIMIT_BYTES, planPackage } from "@safeconduct/envelope";
import { drawId } from "@safeconduct/foundation";
import { expect, test } from "vitest";

const { random } = nodeCrypto();
const planOf = (sizes: readonly number[]) =>
  planPackage(
    sizes.map((sizeBytes, position) => ({
      id: drawId("file", random),
      path: `${position}.bin`,
      mediaType: "application/octet-stream",
      sizeBytes,
    })),
  );
const { blobLengthBytes: lengths, partCount: counts } = draftRequest.shape;

test.each([
  ["one file", [PACKAGE_LIMIT_BYTES]],
  ["a thousand files", Array<number>(1024).fill(PACKAGE_LIMIT_BYTES / 1024)],
])("the API takes a draft and all parts of %s of 1 TiB together", (_name, sizes) => {
  const { blobLengthBytes, parts } = planOf(sizes);
  expect(blobLengthBytes).toBeGreaterThan(PACKAGE_LIMIT_BYTES);
  expect(lengths.safeParse(blobLengthBytes).success).toBe(true);
  expect(counts.safeParse(parts.length).success).toBe(true);
  expect(Math.max(...parts.map(({ sizeBytes }) => sizeBytes))).toBeLessThanOrEqual(LIMITS.partBytes);
});

test("a blob or a number of parts at the API's limit is taken, and one above is not", () => {
  for (const [schema, limit] of [
    [lengths, LIMITS.blobBytes],
    [counts, LIMITS.partsPerTransfer],
  ] as const) {
    expect(schema.safeParse(limit).success).toBe(true);
    expect(schema.safeParse(limit + 1).success).toBe(false);
  }
});
