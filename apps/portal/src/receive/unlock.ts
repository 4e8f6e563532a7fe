/**
 * From a verified recipient to an open package: the shares are released to a key that exists only in this page's
 * memory, joined with the link's secret, and the sender's seal is checked against the key that the link names.
 * Everything the server says is taken as hostile until then.
 */
import type { Client } from "@safeconduct/contract";
import {
  decodeTerms,
  envelopeProblem,
  grantTranscript,
  kek,
  NO_RECIPIENT_KEY,
  openPackage,
  openRelease,
  openSlot,
  type OpenedPackage,
  releaseContext,
  termsHash,
  verifySeal,
} from "@safeconduct/envelope";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  type CryptoPorts,
  type HpkeKeyPair,
  MalformedBinary,
  parseId,
} from "@safeconduct/foundation";
import { blobRanges, type BlobRanges } from "./blob-ranges.ts";
import type { ReceivedLink } from "./link.ts";

export interface Unlocked {
  readonly opened: OpenedPackage;
  readonly ranges: BlobRanges;
}

export interface UnlockRequest {
  readonly crypto: CryptoPorts;
  readonly link: ReceivedLink;
  /** Speaks for the verified recipient; asked anew for each call, because a session may be renewed. */
  readonly recipient: () => Client;
  /** One pair for each visit: a repeated release to the same key counts once. */
  readonly keyPair: HpkeKeyPair;
}

/** Problems: those of the release, `http/…`, and `envelope/cannot-open` for whatever does not fit. */
export async function unlock({ crypto, link, recipient, keyPair }: UnlockRequest): Promise<Unlocked> {
  const answer = await recipient().call("release", {
    path: { grant: link.grant },
    body: { ephemeralPublicKey: base64UrlText(keyPair.publicKey) },
  });
  const { organisation, transfer } = scopeOf(answer, link);
  const encodedTerms = bytesOf(answer.terms);
  const hash = termsHash(crypto.sha256, encodedTerms);
  const scope = { organisation, transfer, grant: link.grant, termsHash: hash };
  requireTerms(encodedTerms, scope);

  const context = releaseContext({ ...scope, ephemeralKeyHash: crypto.sha256(keyPair.publicKey) });
  const shares = await openRelease(crypto, {
    privateKey: keyPair.privateKey,
    context,
    sealed: bytesOf(answer.sealedShares),
  });
  if (shares === null) throw cannotOpen();
  const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
  const key = await kek(crypto, { linkSecret: link.secret.linkSecret, ...shares, transcript });
  const packageKey = await openSlot(crypto, { kek: key, transcript, slot: bytesOf(answer.slot) });
  if (packageKey === null) throw cannotOpen();
  const seal = await verifySeal(crypto, {
    record: bytesOf(answer.sealRecord),
    signature: bytesOf(answer.sealSignature),
    signingPublicKey: bytesOf(answer.signingPublicKey),
    expected: { organisation, transfer, signingKeyHash: link.secret.signingKeyHash },
  });
  if (seal === null) throw cannotOpen();

  const ranges = blobRanges({
    target: answer.blob,
    refresh: () => recipient().call("blobTarget", { path: { grant: link.grant } }),
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  return { opened: await openPackage(crypto, { packageKey, seal, readRange: ranges.read }), ranges };
}

function scopeOf(answer: { organisation: string; transfer: string; grant: string }, link: ReceivedLink) {
  const organisation = parseId("organisation", answer.organisation);
  const transfer = parseId("transfer", answer.transfer);
  if (organisation === null || transfer === null || answer.grant !== link.grant) throw cannotOpen();
  return { organisation, transfer };
}

function requireTerms(encoded: Bytes, scope: { organisation: string; transfer: string; grant: string }): void {
  try {
    const terms = decodeTerms(encoded);
    if (terms.organisation === scope.organisation && terms.transfer === scope.transfer && terms.grant === scope.grant)
      return;
  } catch (error) {
    if (!(error instanceof MalformedBinary)) throw error;
  }
  throw cannotOpen();
}

function bytesOf(text: string): Bytes {
  const bytes = base64UrlBytes(text);
  if (bytes === null) throw cannotOpen();
  return bytes;
}

const cannotOpen = () => envelopeProblem("envelope/cannot-open");
