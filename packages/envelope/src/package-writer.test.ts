import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, drawId, type FileId } from "@safeconduct/foundation";
import { digestOfPart } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { drawSecret } from "./key-schedule.ts";
import { planPackage } from "./package-plan.ts";
import { startPackage } from "./package-writer.ts";

const node = nodeCrypto();
const id: FileId = drawId("file", node.random);
const plan = planPackage([{ id, path: "a.bin", mediaType: "application/octet-stream", sizeBytes: 20_000_000 }]);
const secrets = {
  organisation: drawId("organisation", node.random),
  transfer: drawId("transfer", node.random),
  packageKey: drawSecret(node.random),
};
const zeros = async (_: FileId, offset: number, length: number): Promise<Bytes> =>
  new Uint8Array(Math.max(0, Math.min(length, 20_000_000 - offset)));

/** The first piece of a part that begins with the header of an object: no segment, so the part alone waits for its hash. */
const HEADER_BYTES = 74;

/** The hash of that piece waits until it is let go. */
function heldBack() {
  const waiting: (() => void)[] = [];
  const sha256Aside = async (bytes: Bytes): Promise<Bytes> => {
    if (bytes.length === HEADER_BYTES) await new Promise<void>((resolve) => waiting.push(resolve));
    return node.sha256Aside(bytes);
  };
  return { ports: { ...node, sha256Aside }, waiting };
}

describe("a package writer whose parts are hashed aside", () => {
  it("goes on with the next part meanwhile, gives no seal before the last hash, and the same seal as one after the other", async () => {
    const { ports, waiting } = heldBack();
    const writer = await startPackage(ports, { ...secrets, plan });
    const begun = [];
    for (const { number } of plan.parts) begun.push(await writer.beginPart(number, zeros));
    expect(plan.parts.length).toBeGreaterThan(2);
    expect(() => writer.sealRecord()).toThrow("parts left");
    const [first, ...others] = begun.map(({ record }) => record);
    await Promise.all(others);
    expect(() => writer.sealRecord()).toThrow("parts left");
    expect(waiting).toHaveLength(1);
    for (const letGo of waiting) letGo();
    const records = await Promise.all([first, ...others].filter((record) => record !== undefined));
    expect(records.map(({ number }) => number)).toEqual(plan.parts.map(({ number }) => number));
    for (const [position, { bytes }] of begun.entries()) expect(records[position]?.sha256).toEqual(digestOfPart(bytes));
    expect(writer.sealRecord().partCount).toBe(plan.parts.length);
  });

  it("gives no seal after a hash that failed", async () => {
    const broken = {
      ...node,
      sha256Aside: (bytes: Bytes) =>
        bytes.length === HEADER_BYTES ? Promise.reject(new Error("no")) : node.sha256Aside(bytes),
    };
    const writer = await startPackage(broken, { ...secrets, plan });
    for (const { number } of plan.parts) await (await writer.beginPart(number, zeros)).record.catch(() => undefined);
    expect(() => writer.sealRecord()).toThrow("parts left");
  });
});
