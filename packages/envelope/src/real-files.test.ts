import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, concatBytes, copyBytes, drawId, type FileId } from "@safeconduct/foundation";
import { sharedData } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { drawSecret } from "./key-schedule.ts";
import { signingKeyHash } from "./link.ts";
import { safePath } from "./package-path.ts";
import { planPackage } from "./package-plan.ts";
import { openPackage } from "./package-reader.ts";
import { startPackage } from "./package-writer.ts";
import { encodeSealRecord, signSeal, verifySeal } from "./seal.ts";

const node = nodeCrypto();
const signer = await node.signatures.generateKeyPair();
const paths = filePaths();

/** The shared DICOM and C-CDA files, else the DICOM files of Debian's python3-pydicom, else none. */
function filePaths(): string[] {
  const folder = sharedData();
  if (folder !== null) {
    return ["dicom", "c-cda"].flatMap((each) => {
      const names = readdirSync(join(folder, each)).filter((name) => name !== "LICENSE");
      return names.map((name) => join(folder, each, name));
    });
  }
  try {
    const listed = execFileSync("dpkg", ["-L", "python3-pydicom"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return listed.split("\n").filter((path) => /\/test_files\/[^/]+\.dcm$/.test(path));
  } catch {
    return [];
  }
}

async function thereAndBack(
  contents: readonly { name: string; bytes: Bytes }[],
): Promise<{ path: string; bytes: Bytes }[]> {
  const scope = { organisation: drawId("organisation", node.random), transfer: drawId("transfer", node.random) };
  const packageKey = drawSecret(node.random);
  const files = contents.map(({ name, bytes }) => ({
    id: drawId("file", node.random),
    path: safePath(name),
    mediaType: name.endsWith(".dcm") ? "application/dicom" : "application/xml",
    sizeBytes: bytes.length,
  }));
  const stored = new Map<FileId, Bytes>(
    files.map(({ id }, position) => [id, contents[position]?.bytes ?? new Uint8Array(0)]),
  );
  const plan = planPackage(files);
  const writer = await startPackage(node, { ...scope, packageKey, plan });
  const pieces: Bytes[] = [];
  for (const { number } of plan.parts) {
    const part = await writer.encryptPart(number, async (id, offset, length) => {
      return (stored.get(id) ?? new Uint8Array(0)).subarray(offset, offset + length);
    });
    pieces.push(part.bytes);
  }
  const blob = concatBytes(...pieces);
  const record = writer.sealRecord();
  const seal = await verifySeal(node, {
    record: encodeSealRecord(record),
    signature: await signSeal(node, { record, privateKey: signer.privateKey }),
    signingPublicKey: signer.publicKey,
    expected: { ...scope, signingKeyHash: signingKeyHash(node.sha256, signer.publicKey) },
  });
  if (seal === null) throw new Error("own seal does not verify");
  const readRange = async (offset: number, length: number): Promise<Bytes> => blob.slice(offset, offset + length);
  const opened = await openPackage(node, { packageKey, seal, readRange });
  const received: { path: string; bytes: Bytes }[] = [];
  for (const { id, path } of opened.manifest.files) {
    const read: Bytes[] = [];
    for await (const piece of opened.readFile(id)) read.push(piece);
    received.push({ path, bytes: concatBytes(...read) });
  }
  return received;
}

describe.skipIf(paths.length === 0)("real files (skipped: neither ../shared/data nor python3-pydicom is there)", () => {
  const contents = paths.map((path) => ({ name: basename(path), bytes: copyBytes(readFileSync(path)) }));

  for (const content of contents) {
    it(`${content.name} comes back byte by byte, alone in its package`, async () => {
      expect(await thereAndBack([content])).toEqual([{ path: content.name, bytes: content.bytes }]);
    });
  }

  it("come back byte by byte, all in one package, in their order", async () => {
    const received = await thereAndBack(contents);
    expect(received.map(({ path }) => path)).toEqual(contents.map(({ name }) => name));
    const same = received.map(({ bytes }, position) => Buffer.compare(bytes, contents[position]?.bytes ?? Buffer.of()));
    expect(same.every((order) => order === 0)).toBe(true);
  });
});
