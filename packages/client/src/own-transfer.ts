/**
 * Coming back to what one has sent, from any device of the member: the sender's own slot gives P, and with P another recipient can
 * be let in without uploading again.
 *
 * Whose signature the new link carries: that of the device that sealed. This device learns that key from the server and believes it
 * only if the member's chain has it, so a link cannot be made to vouch for a stranger's seal; and P only after the manifest opened
 * with it is the one that the seal commits to, so a server that put a slot of its own there gives out nothing but its own key.
 */
import { DEFAULT_LIFE_MS, type memberReleaseAnswer } from "@safeconduct/contract";
import {
  type Conditions,
  decodeTerms,
  type GrantTerms,
  grantTranscript,
  kek,
  NO_RECIPIENT_KEY,
  openAsMember,
  type OpenedPackage,
  openPackage,
  openRelease,
  openSlot,
  releaseContext,
  signingKeyHash,
  signMemberRequest,
  termsHash,
  type TransferScope,
  verifySeal,
} from "@safeconduct/envelope";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  equalBytes,
  type GrantId,
  MalformedBinary,
  type TransferId,
} from "@safeconduct/foundation";
import { blobRangeReader } from "./blob-range.ts";
import { syncDevice } from "./device-chain.ts";
import { clientProblem } from "./errors.ts";
import { askIntakeKey } from "./intake-key.ts";
import { formatLink } from "./link.ts";
import { hashFactor, requirePasscodes } from "./passcode.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import { askedIn, makeGrant, requireFitting } from "./make-grant.ts";
import type { Recipient, SendPorts } from "./sending.ts";
import type { SendingDevice } from "./sending-device.ts";

export interface OwnTransferOptions {
  readonly transfer: TransferId;
  /** Accept a seal of a device that was removed since: whoever holds that device could have made it. */
  readonly evenFromRemoved?: boolean;
}

export interface OpenedRelease {
  readonly terms: GrantTerms;
  readonly packageKey: Bytes;
  readonly transferShare: Bytes;
  /** 32 bytes: of the key that sealed. */
  readonly signingKeyHash: Bytes;
  readonly opened: OpenedPackage;
}

/**
 * Problems: `transfer/unknown`, `transfer/not-active`, `client/not-genuine` (nothing fits, or S is sealed to a member key that this
 * device does not have), `client/removed-device-sealed`, those of `syncDevice` and `openPackage`.
 */
export async function openOwnTransfer(
  ports: ClientPorts,
  device: SendingDevice,
  { transfer, evenFromRemoved = false }: OwnTransferOptions,
): Promise<OpenedRelease> {
  const { crypto, api } = ports;
  const { organisation, member } = device;
  const { chain } = await syncDevice(ports, device);
  const { publicKey, privateKey } = await crypto.hpke.generateKeyPair();
  const ephemeralKeyHash = crypto.sha256(publicKey);
  const request = { request: "release", organisation, transfer, device: device.device, grant: null } as const;
  const signature = await signMemberRequest(crypto, {
    request: { ...request, content: ephemeralKeyHash },
    privateKey: device.signing.privateKey,
  });
  const body = {
    device: device.device,
    ephemeralPublicKey: base64UrlText(publicKey),
    signature: base64UrlText(signature),
  };
  const ask = () => persistently(ports, () => api.call("releaseToMember", { path: { transfer }, body }));
  return openMemberRelease(ports, {
    ask,
    kind: "sender",
    ids: { organisation, transfer },
    ephemeral: { privateKey, keyHash: ephemeralKeyHash },
    openLinkSecret: (scope, sealed) => openLinkSecret(ports, device, { scope: { ...scope, member }, sealed }),
    judgeSealer(signingPublicKey) {
      const sealer = [...chain.holders.values()].find((holder) =>
        equalBytes(holder.signingPublicKey, signingPublicKey),
      );
      if (sealer === undefined || sealer.kind === "recovery") throw notGenuine();
      if (sealer.removedAt !== null && !evenFromRemoved) throw clientProblem("client/removed-device-sealed");
    },
  });
}

/** What a release to a member leads to. `judgeSealer` throws where the signer of the seal is nobody to believe. */
export async function openMemberRelease(
  ports: ClientPorts,
  {
    ask,
    kind,
    ids: { organisation, transfer },
    ephemeral: { privateKey, keyHash: ephemeralKeyHash },
    openLinkSecret: openSecret,
    judgeSealer,
  }: {
    readonly ask: () => Promise<(typeof memberReleaseAnswer)["_output"]>;
    readonly kind: "sender" | "recovery";
    readonly ids: TransferScope;
    readonly ephemeral: { readonly privateKey: Bytes; readonly keyHash: Bytes };
    readonly openLinkSecret: (
      scope: TransferScope & { readonly grant: GrantId },
      sealed: Bytes,
    ) => Promise<Bytes | null>;
    readonly judgeSealer: (signingPublicKey: Bytes) => void;
  },
): Promise<OpenedRelease> {
  const { crypto } = ports;
  const answer = await ask();
  const encodedTerms = bytes(answer.terms);
  const terms = termsOf(encodedTerms);
  const { grant } = terms;
  if (terms.kind !== kind || terms.transfer !== transfer || terms.organisation !== organisation) throw notGenuine();
  const scope = { organisation, transfer, grant, termsHash: termsHash(crypto.sha256, encodedTerms) };
  const sealed = bytes(answer.sealedShares);
  const shares = await openRelease(crypto, {
    privateKey,
    context: releaseContext({ ...scope, ephemeralKeyHash }),
    sealed,
  });
  if (shares === null) throw notGenuine();
  const linkSecret = await openSecret({ organisation, transfer, grant }, bytes(answer.sealedLinkSecret));
  if (linkSecret === null) throw notGenuine();
  const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
  const packageKey = await openSlot(crypto, {
    kek: await kek(crypto, { linkSecret, ...shares, transcript }),
    transcript,
    slot: bytes(answer.slot),
  });
  const signingPublicKey = bytes(answer.signingPublicKey);
  judgeSealer(signingPublicKey);
  const keyHash = signingKeyHash(crypto.sha256, signingPublicKey);
  const seal = await verifySeal(crypto, {
    record: bytes(answer.sealRecord),
    signature: bytes(answer.sealSignature),
    signingPublicKey,
    expected: { organisation, transfer, signingKeyHash: keyHash },
  });
  if (packageKey === null || seal === null) throw notGenuine();
  const readRange = blobRangeReader(ports, async () => (await ask()).blob, answer.blob);
  const opened = await openPackage(crypto, { packageKey, seal, readRange });
  return { terms, packageKey, transferShare: shares.transferShare, signingKeyHash: keyHash, opened };
}

export interface AddedRecipient {
  readonly address: string;
  readonly grant: GrantId;
  readonly link: string;
  readonly notAfter: number;
}

/**
 * One more recipient of a transfer that was sent, or a fresh link in place of `replaces`. The link is made here and known to nobody
 * else. Problems: those of {@link openOwnTransfer}, `client/other-key-service`, and of the addition (`transfer/…`, `device/…`, `keys/…`).
 */
export async function addRecipient(
  ports: SendPorts,
  device: SendingDevice,
  {
    recipient,
    notBefore,
    lifeMs,
    releaseCap,
    replaces = null,
    closesOnReceipt = false,
    conditions = null,
    ...own
  }: OwnTransferOptions & {
    readonly recipient: Recipient;
    /** As in `Sending`. */
    readonly notBefore: number;
    /** Absent: as long as the profile of the transfer says. */
    readonly lifeMs?: number;
    readonly releaseCap: number;
    readonly replaces?: GrantId | null;
    /** As in `Sending`: a fresh link takes over nothing by itself. */
    readonly closesOnReceipt?: boolean;
    readonly conditions?: Conditions | null;
  },
): Promise<AddedRecipient> {
  const { crypto, api } = ports;
  requirePasscodes([recipient.secondFactor]);
  const intakeKey = await askIntakeKey(ports, device);
  const { terms, packageKey, transferShare, signingKeyHash: keyHash } = await openOwnTransfer(ports, device, own);
  const { organisation, transfer, purpose, profile } = terms;
  requireFitting({ profile, conditions });
  const hashed = await hashFactor(crypto, recipient.secondFactor ?? null);
  const notAfter = Math.max(ports.now(), notBefore) + (lifeMs ?? DEFAULT_LIFE_MS[profile]);
  const granting = { ports, ids: { organisation, transfer }, packageKey, transferShare };
  const asked = askedIn({ closesOnReceipt, conditions });
  const bounds = { purpose, profile, kind: "recipient", notBefore, notAfter, releaseCap, ...asked } as const;
  const { grant, linkSecret, passcodeVerifierHash, body } = await makeGrant(granting, { bounds, intakeKey, hashed });
  const content = termsHash(crypto.sha256, bytes(body.terms));
  const signature = await signMemberRequest(crypto, {
    request: { request: "add-recipient", organisation, transfer, device: device.device, grant, content },
    privateKey: device.signing.privateKey,
  });
  const { address, name, organisation: ofRecipient = null, language = null } = recipient;
  const addition = {
    device: device.device,
    signature: base64UrlText(signature),
    recipient: {
      address,
      name,
      organisation: ofRecipient,
      language,
      ...body,
      passcodeVerifierHash: passcodeVerifierHash && base64UrlText(passcodeVerifierHash),
    },
    replaces,
  };
  await persistently(ports, () => api.call("addRecipient", { path: { transfer }, body: addition }));
  const fragment = { linkSecret, signingKeyHash: keyHash };
  return { address, grant, link: formatLink({ origin: ports.origin, grant, fragment }), notAfter };
}

/** S with whichever member key it was sealed to, the newest first. */
async function openLinkSecret(
  { crypto }: ClientPorts,
  { memberKeys }: SendingDevice,
  given: Omit<Parameters<typeof openAsMember>[1], "privateKey">,
): Promise<Bytes | null> {
  for (const { privateKey } of memberKeys.toReversed()) {
    const opened = await openAsMember(crypto, { ...given, privateKey });
    if (opened !== null) return opened;
  }
  return null;
}

function termsOf(encoded: Bytes): GrantTerms {
  try {
    return decodeTerms(encoded);
  } catch (error) {
    if (error instanceof MalformedBinary) throw notGenuine();
    throw error;
  }
}

function bytes(text: string): Bytes {
  const decoded = base64UrlBytes(text);
  if (decoded === null) throw notGenuine();
  return decoded;
}

const notGenuine = () => clientProblem("client/not-genuine");
