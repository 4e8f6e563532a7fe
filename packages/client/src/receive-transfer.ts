/**
 * Opening what a link leads to, for someone who has confirmed the address: release to a fresh ephemeral key, KEK, slot,
 * the sender's seal, the package. Every byte of the server's answer is held against the link and the terms before it is used.
 */
import type { Profile, Purpose } from "@safeconduct/contract";
import {
  decodeTerms,
  grantTranscript,
  kek,
  type LinkFragment,
  NO_RECIPIENT_KEY,
  type OpenedPackage,
  openPackage,
  openRelease,
  openSlot,
  releaseContext,
  termsHash,
  verifySeal,
} from "@safeconduct/envelope";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  equalBytes,
  type GrantId,
  MalformedBinary,
} from "@safeconduct/foundation";
import { blobRangeReader } from "./blob-range.ts";
import { clientProblem } from "./errors.ts";
import { openingSecret, type ProvenPasscode } from "./passcode.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import { nextAhead, readAhead } from "./read-ahead.ts";

export interface Opening {
  readonly grant: GrantId;
  readonly fragment: LinkFragment;
  /** What the person was told before anything was authenticated; the sealed terms must say the same. */
  readonly shown?: { readonly purpose: Purpose; readonly profile: Profile };
  /** The files are to be kept: refused where the sender lets them be viewed only. */
  readonly toSave?: boolean;
  /** The terms that came with the confirmation, whose conditions the person has seen; the sealed terms must be the same. */
  readonly terms?: string;
  /** The passcode that was accepted, where the terms demand one. */
  readonly passcode?: ProvenPasscode | null;
  /** Every file will be read, in the order of the manifest and one at a time: more is fetched than asked for. */
  readonly whole?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * `ports.api` carries the verification session. Problems: `client/not-genuine` for anything that does not fit together,
 * `client/view-only`,
 * `grant/unavailable`, `grant/session-required`, `grant/factor-required`, and those of `openPackage` (`envelope/cannot-open`).
 */
export async function openTransfer(
  ports: ClientPorts<"release" | "blobTarget">,
  { grant, fragment, shown, terms: seen, passcode = null, whole = false, toSave = false, signal }: Opening,
): Promise<OpenedPackage> {
  const { crypto, api } = ports;
  const { publicKey, privateKey } = await crypto.hpke.generateKeyPair();
  // Repeating is safe: the key service counts one release for one ephemeral key.
  const answer = await persistently(
    ports,
    () =>
      api.call("release", {
        path: { grant },
        body: { ephemeralPublicKey: base64UrlText(publicKey) },
        ...(signal ? { signal } : {}),
      }),
    signal ? { signal } : {},
  );
  const encodedTerms = bytes(answer.terms);
  const terms = termsOf(encodedTerms);
  const { organisation, transfer } = terms;
  if (shown !== undefined && (shown.purpose !== terms.purpose || shown.profile !== terms.profile)) throw notGenuine();
  // Conditions that nobody was shown, or others than those.
  if (seen === undefined ? terms.conditions !== undefined : !equalBytes(bytes(seen), encodedTerms)) throw notGenuine();
  if (toSave && terms.profile === "viewable") throw clientProblem("client/view-only");
  if (terms.grant !== grant || answer.transfer !== transfer || answer.organisation !== organisation) throw notGenuine();

  const scope = { organisation, transfer, grant, termsHash: termsHash(crypto.sha256, encodedTerms) };
  const shares = await openRelease(crypto, {
    privateKey,
    context: releaseContext({ ...scope, ephemeralKeyHash: crypto.sha256(publicKey) }),
    sealed: bytes(answer.sealedShares),
  });
  if (shares === null) throw notGenuine();
  const linkSecret = await openingSecret(crypto, {
    terms: encodedTerms,
    ids: { organisation, transfer, grant },
    demanded: terms.secondFactor,
    linkSecret: fragment.linkSecret,
    proven: passcode,
  });
  const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
  const packageKey = await openSlot(crypto, {
    kek: await kek(crypto, { linkSecret, ...shares, transcript }),
    transcript,
    slot: bytes(answer.slot),
  });
  const seal = await verifySeal(crypto, {
    record: bytes(answer.sealRecord),
    signature: bytes(answer.sealSignature),
    signingPublicKey: bytes(answer.signingPublicKey),
    expected: { organisation, transfer, signingKeyHash: fragment.signingKeyHash },
  });
  if (packageKey === null || seal === null) throw notGenuine();
  const fresh = () => api.call("blobTarget", { path: { grant }, ...(signal ? { signal } : {}) });
  const read = blobRangeReader(ports, fresh, answer.blob, signal);
  if (whole) return openPackage(crypto, { packageKey, seal, readRange: readAhead(read, seal.manifestOffset) });
  return openPackage(crypto, { packageKey, seal, ...nextAhead(read, seal.manifestOffset) });
}

function bytes(text: string): Bytes {
  const decoded = base64UrlBytes(text);
  if (decoded === null) throw notGenuine();
  return decoded;
}

function termsOf(encoded: Bytes) {
  try {
    return decodeTerms(encoded);
  } catch (error) {
    if (error instanceof MalformedBinary) throw notGenuine();
    throw error;
  }
}

const notGenuine = () => clientProblem("client/not-genuine");
