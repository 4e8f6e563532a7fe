/**
 * Child process of envelope-large.test.ts: a random file of the size given as argument, made on the fly, goes through
 * the package writer into a blob on disk and back through the reader. Prints one JSON line.
 *
 * The content is AES-256-CTR of zeros: as incompressible as random bytes, and readable at any offset.
 */
import { createCipheriv, createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  drawSecret,
  encodeSealRecord,
  openPackage,
  planPackage,
  type ReadFileRange,
  signingKeyHash,
  signSeal,
  startPackage,
  verifySeal,
} from "@safeconduct/envelope";
import { type Bytes, drawId } from "@safeconduct/foundation";

const sizeBytes = Number(process.argv[2]);
if (!Number.isSafeInteger(sizeBytes)) throw new Error("usage: envelope-large.ts SIZE_BYTES");
const ZEROS = Buffer.alloc(2 ** 20);
const ports = nodeCrypto();
const sourceKey = ports.random.bytes(32);
const folder = mkdtempSync(join(tmpdir(), "safeconduct-large-"));
try {
  const blob = await open(join(folder, "blob"), "w+");
  try {
    console.log(JSON.stringify(await thereAndBack(blob)));
  } finally {
    await blob.close();
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function thereAndBack(blob: FileHandle): Promise<object> {
  const scope = { organisation: drawId("organisation", ports.random), transfer: drawId("transfer", ports.random) };
  const packageKey = drawSecret(ports.random);
  const signer = await ports.signatures.generateKeyPair();
  const id = drawId("file", ports.random);
  const plan = planPackage([{ id, path: "large.bin", mediaType: "application/octet-stream", sizeBytes }]);
  const sent = createHash("sha256");
  const writer = await startPackage(ports, { ...scope, packageKey, plan });
  let written = 0;
  const memory = new Uint8Array(Math.max(...plan.parts.map((part) => part.sizeBytes)));
  for (const { number } of plan.parts) {
    const readFile: ReadFileRange = async (_id, offset, length) => {
      const piece = sourceBytes(offset, Math.min(length, sizeBytes - offset));
      sent.update(piece);
      return piece;
    };
    const { bytes } = await writer.encryptPart(number, readFile, memory);
    await blob.write(bytes, 0, bytes.length, written);
    written += bytes.length;
  }
  const record = writer.sealRecord();
  const seal = await verifySeal(ports, {
    record: encodeSealRecord(record),
    signature: await signSeal(ports, { record, privateKey: signer.privateKey }),
    signingPublicKey: signer.publicKey,
    expected: { ...scope, signingKeyHash: signingKeyHash(ports.sha256, signer.publicKey) },
  });
  if (seal === null) throw new Error("own seal does not verify");
  const opened = await openPackage(ports, {
    packageKey,
    seal,
    readRange: (offset, length) => readRange(blob, offset, length),
  });
  const received = createHash("sha256");
  let receivedBytes = 0;
  for await (const piece of opened.readFile(id)) {
    received.update(piece);
    receivedBytes += piece.length;
  }
  return {
    same: sent.digest("hex") === received.digest("hex") && receivedBytes === sizeBytes,
    parts: plan.parts.length,
    blobLengthBytes: written,
    largestRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

function sourceBytes(offset: number, length: number): Bytes {
  const iv = Buffer.alloc(16);
  const skip = offset % 16;
  iv.writeBigUInt64BE(BigInt((offset - skip) / 16), 8);
  const stream = createCipheriv("aes-256-ctr", sourceKey, iv).update(ZEROS.subarray(0, skip + length));
  return new Uint8Array(stream.buffer, stream.byteOffset + skip, length);
}

async function readRange(blob: FileHandle, offset: number, length: number): Promise<Bytes> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await blob.read(bytes, 0, length, offset);
  return bytes.subarray(0, bytesRead);
}
