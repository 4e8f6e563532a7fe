/**
 * A genuine package in memory for the recipient's page: real keys, real slot, real seal. Tests spoil one thing in it
 * and look at what the page then does.
 */
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  canonicalPasscode,
  drawSecret,
  drawShare,
  encodeSealRecord,
  encodeTerms,
  formatFragment,
  type GrantProfile,
  grantTranscript,
  hashPasscode,
  kek,
  mixPasscode,
  NO_RECIPIENT_KEY,
  passcodeFactor,
  passcodeVerifier,
  type GrantTerms,
  planPackage,
  releaseContext,
  sealRelease,
  sealSlot,
  signingKeyHash,
  signSeal,
  startPackage,
  termsHash,
} from "@safeconduct/envelope";
import { base64UrlText, type Bytes, concatBytes, drawId } from "@safeconduct/foundation";

export const crypto = nodeCrypto();

export interface SampleFile {
  readonly path: string;
  readonly content: Bytes;
}

/** The release answer of the API for one ephemeral key, as the server would give it; `blob` is added by the double. */
export type Release = Record<
  | "organisation"
  | "transfer"
  | "grant"
  | "terms"
  | "slot"
  | "sealedShares"
  | "sealRecord"
  | "sealSignature"
  | "signingPublicKey",
  string
>;

export interface SamplePackage {
  readonly grant: string;
  /** Path and fragment. */
  readonly link: string;
  /** Encoded terms, as the confirmation brings them. */
  readonly terms: string;
  /** What the right passcode shows to the server; null without one. */
  readonly verifier: string | null;
  readonly profile: GrantProfile;
  readonly blob: Bytes;
  release(ephemeralPublicKey: Bytes): Promise<Release>;
}

export async function samplePackage(
  files: readonly SampleFile[],
  {
    notBefore = 0,
    notAfter = 4e12,
    passcode = null,
    enrolled,
    profile = "downloadable",
    asked = {},
  }: {
    notBefore?: number;
    notAfter?: number;
    passcode?: string | null;
    /** Demands this instead of a passcode. */
    enrolled?: "authenticator" | "passkey";
    profile?: GrantProfile;
    asked?: Partial<Pick<GrantTerms, "profile" | "closesOnReceipt" | "conditions">>;
  } = {},
): Promise<SamplePackage> {
  const { random, sha256 } = crypto;
  const organisation = drawId("organisation", random);
  const transfer = drawId("transfer", random);
  const grant = drawId("grant", random);
  const secondFactor = passcode === null ? null : passcodeFactor(random);
  const terms = encodeTerms({
    organisation,
    transfer,
    grant,
    kind: "recipient",
    profile,
    purpose: "TREAT",
    notBefore,
    notAfter,
    releaseCap: 0,
    ...asked,
    ...(secondFactor === null ? {} : { secondFactor }),
    ...(enrolled === undefined ? {} : { secondFactor: { kind: enrolled } }),
  });
  const scope = { organisation, transfer, grant, termsHash: termsHash(sha256, terms) };
  const [packageKey, linkSecret] = [drawSecret(random), drawSecret(random)];
  const [transferShare, grantShare] = [drawShare(random), drawShare(random)];
  const canonical = passcode === null ? null : canonicalPasscode(passcode);
  const passcodeHash =
    canonical && secondFactor && (await hashPasscode(crypto, { passcode: canonical, factor: secondFactor }));
  const protectedBy = passcodeHash && { organisation, transfer, grant, linkSecret, passcodeHash };
  const kekSecret = protectedBy ? await mixPasscode(crypto, protectedBy) : linkSecret;
  const signing = await crypto.signatures.generateKeyPair();

  const listed = files.map(({ path, content }) => ({
    id: drawId("file", random),
    path,
    mediaType: "application/octet-stream",
    sizeBytes: content.length,
  }));
  const contents = new Map(listed.map(({ id }, index) => [id, files[index]?.content ?? new Uint8Array(0)]));
  const plan = planPackage(listed);
  const writer = await startPackage(crypto, { organisation, transfer, packageKey, plan });
  const parts: Bytes[] = [];
  for (const { number } of plan.parts) {
    const part = await writer.encryptPart(number, async (file, offset, length) =>
      (contents.get(file) ?? new Uint8Array(0)).slice(offset, offset + length),
    );
    parts.push(part.bytes);
  }
  const record = writer.sealRecord();
  const signature = await signSeal(crypto, { record, privateKey: signing.privateKey });
  const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
  const slot = await sealSlot(crypto, {
    kek: await kek(crypto, { linkSecret: kekSecret, transferShare, grantShare, transcript }),
    transcript,
    packageKey,
  });

  return {
    grant,
    profile,
    terms: base64UrlText(terms),
    verifier: protectedBy && base64UrlText(await passcodeVerifier(crypto, protectedBy)),
    link: `/r/${grant}#${formatFragment({ linkSecret, signingKeyHash: signingKeyHash(sha256, signing.publicKey) })}`,
    blob: concatBytes(...parts),
    async release(ephemeralPublicKey) {
      const context = releaseContext({ ...scope, ephemeralKeyHash: sha256(ephemeralPublicKey) });
      const sealedShares = await sealRelease(crypto, {
        publicKey: ephemeralPublicKey,
        context,
        transferShare,
        grantShare,
      });
      return {
        organisation,
        transfer,
        grant,
        terms: base64UrlText(terms),
        slot: base64UrlText(slot),
        sealedShares: base64UrlText(sealedShares),
        sealRecord: base64UrlText(encodeSealRecord(record)),
        sealSignature: base64UrlText(signature),
        signingPublicKey: base64UrlText(signing.publicKey),
      };
    },
  };
}
