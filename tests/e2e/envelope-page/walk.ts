/**
 * A sender's whole work with chance that repeats, in plain values that pass between a page and a test: on two platforms it
 * must come out the same to the byte. HPKE draws inside the platform, so there one side opens what the other sealed.
 */
import {
  drawSecret,
  encodeSealRecord,
  encodeTerms,
  FLOE_HEADER_BYTES,
  FloeDecryptor,
  FloeEncryptor,
  formatFragment,
  grantTranscript,
  kek,
  NO_RECIPIENT_KEY,
  openShare,
  planPackage,
  sealShare,
  sealSlot,
  signingKeyHash,
  signSeal,
  startPackage,
  termsHash,
  transferShareContext,
} from "@safeconduct/envelope";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  concatBytes,
  copyBytes,
  type CryptoPorts,
  drawId,
  type FileId,
  type Random,
} from "@safeconduct/foundation";

export interface WalkFile {
  readonly path: string;
  readonly sizeBytes: number;
}

export interface FloeVector {
  readonly ciphertext: string;
  readonly encryptedSegmentBytes: number;
  readonly rotationBits: number | null;
}

/** Key and AAD of every published vector, from the specification's own test code. */
const VECTOR_KEY = new Uint8Array(32);
const VECTOR_AAD = new TextEncoder().encode("This is AAD");

/** SHA-256 in counter mode. For tests alone. */
function repeating({ sha256 }: Pick<CryptoPorts, "sha256">, seed: number): Random {
  let draws = 0;
  return {
    bytes(length) {
      const pieces: Bytes[] = [];
      for (let at = 0; at < length; at += 32)
        pieces.push(sha256(Uint8Array.of(seed, draws & 255, draws >> 8, at >> 5)));
      draws++;
      return copyBytes(concatBytes(...pieces).subarray(0, length));
    },
  };
}

/** Every byte that a sender makes, by name. */
export async function walk(
  real: CryptoPorts,
  files: readonly WalkFile[],
  seed: number,
): Promise<Readonly<Record<string, string>>> {
  const random = repeating(real, seed);
  const crypto = { ...real, random };
  const ids = { organisation: drawId("organisation", random), transfer: drawId("transfer", random) };
  const grant = drawId("grant", random);
  const packageKey = drawSecret(random);
  const contents = new Map<FileId, Bytes>(files.map(({ sizeBytes }) => [drawId("file", random), contentOf(sizeBytes)]));
  const plan = planPackage(
    [...contents.keys()].map((id, at) => ({
      id,
      mediaType: "application/dicom",
      path: "",
      sizeBytes: 0,
      ...files[at],
    })),
  );
  const writer = await startPackage(crypto, { ...ids, packageKey, plan });
  const made: Record<string, string> = {};
  for (const { number } of plan.parts) {
    const part = await writer.encryptPart(number, async (id, offset, length) =>
      (contents.get(id) ?? new Uint8Array(0)).slice(offset, offset + length),
    );
    made[`part ${number}`] = base64UrlText(part.bytes);
    made[`digest of part ${number}`] = base64UrlText(part.sha256);
    made[`proof of part ${number}`] = base64UrlText(part.proof);
  }
  const privateKey = random.bytes(32);
  const record = writer.sealRecord();
  const terms = encodeTerms({
    ...ids,
    grant,
    kind: "recipient",
    profile: "downloadable",
    purpose: "TREAT",
    notBefore: 0,
    notAfter: 4e12,
    releaseCap: 3,
  });
  const hash = termsHash(crypto.sha256, terms);
  const transcript = grantTranscript({ ...ids, grant, termsHash: hash, recipientKeyId: NO_RECIPIENT_KEY });
  const [linkSecret, transferShare, grantShare] = [drawSecret(random), random.bytes(32), random.bytes(32)];
  const wrap = await kek(crypto, { linkSecret, transferShare, grantShare, transcript });
  return {
    ...made,
    headers: base64UrlText(writer.headers),
    terms: base64UrlText(terms),
    transcript: base64UrlText(transcript),
    kek: base64UrlText(wrap),
    slot: base64UrlText(await sealSlot(crypto, { kek: wrap, transcript, packageKey })),
    seal: base64UrlText(encodeSealRecord(record)),
    signature: base64UrlText(await signSeal(crypto, { record, privateKey })),
    fragment: formatFragment({ linkSecret, signingKeyHash: signingKeyHash(crypto.sha256, privateKey) }),
  };
}

/** A vector's plaintext and the vector written again from its own draws; null where it does not open. */
export async function floeAnswer(
  real: CryptoPorts,
  { ciphertext, encryptedSegmentBytes, rotationBits }: FloeVector,
): Promise<{ plaintext: string; again: string } | null> {
  const parameters = { encryptedSegmentBytes, ...(rotationBits === null ? {} : { rotationBits }) };
  const bytes = base64UrlBytes(ciphertext);
  if (bytes === null) return null;
  const header = bytes.subarray(0, FLOE_HEADER_BYTES);
  const start = { key: VECTOR_KEY, aad: VECTOR_AAD };
  const decryptor = await FloeDecryptor.start(real, { ...start, header }, parameters);
  if (decryptor === null) return null;
  const segments: Bytes[] = [];
  for (let at = FLOE_HEADER_BYTES; at < bytes.length; at += encryptedSegmentBytes)
    segments.push(bytes.subarray(at, at + encryptedSegmentBytes));
  const last = segments.length - 1;
  const pieces: Bytes[] = [];
  for (const [at, segment] of segments.entries()) {
    const piece = await (at === last ? decryptor.decryptLastSegment(segment) : decryptor.decryptSegment(segment));
    if (piece === null) return null;
    pieces.push(piece);
  }
  if (!decryptor.complete) return null;
  const draws = [header.subarray(10, 42), ...segments.map((segment) => segment.subarray(4, 16))];
  const random = { bytes: () => copyBytes(draws.shift() ?? new Uint8Array(0)) };
  const encryptor = await FloeEncryptor.start({ ...real, random }, start, parameters);
  const again = [encryptor.header];
  for (const [at, piece] of pieces.entries())
    again.push(await (at === last ? encryptor.encryptLastSegment(piece) : encryptor.encryptSegment(piece)));
  return { plaintext: base64UrlText(concatBytes(...pieces)), again: base64UrlText(concatBytes(...again)) };
}

const SHARE = Uint8Array.from({ length: 32 }, (_, at) => at);
const contextOf = (real: Pick<CryptoPorts, "sha256">) => {
  const random = repeating(real, 9);
  return transferShareContext({ organisation: drawId("organisation", random), transfer: drawId("transfer", random) });
};

/** A known share, sealed to the other platform's key. */
export async function sealForOther(real: CryptoPorts, publicKey: readonly number[]): Promise<number[]> {
  const sealed = await sealShare(real, {
    publicKey: Uint8Array.from(publicKey),
    context: contextOf(real),
    share: SHARE,
  });
  return [...sealed];
}

/** Whether the other platform's sealed share opens to the known one; one flipped bit must not. */
export async function openFromOther(
  real: CryptoPorts,
  { privateKey, sealed, flip }: { privateKey: readonly number[]; sealed: readonly number[]; flip: number | null },
): Promise<boolean> {
  const bytes = Uint8Array.from(sealed, (byte, at) => (at === flip ? byte ^ 1 : byte));
  const share = await openShare(real, {
    privateKey: Uint8Array.from(privateKey),
    context: contextOf(real),
    sealed: bytes,
  });
  return share !== null && share.every((byte, at) => byte === SHARE[at]);
}

function contentOf(sizeBytes: number): Bytes {
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; at++) bytes[at] = (at * 31 + (at >> 8) + sizeBytes) & 255;
  return bytes;
}
