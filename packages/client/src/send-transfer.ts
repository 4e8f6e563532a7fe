/**
 * Sending files: keys and plan, draft, parts, seal, links. The plaintext and every key stay on this device; what leaves is
 * sealed shares, slots and ciphertext. Every call may be repeated, so lost networks and restarting servers only cost time.
 */
import type { Handling, Purpose } from "@safeconduct/contract";
import {
  drawSecret,
  encodeSealRecord,
  encodeTerms,
  grantShareContext,
  type GrantTerms,
  grantTranscript,
  kek,
  NO_RECIPIENT_KEY,
  type PackageFile,
  type PackagePlan,
  planPackage,
  sealShare,
  sealSlot,
  sealToMember,
  signingKeyHash,
  signSeal,
  startPackage,
  termsHash,
  transferShareContext,
} from "@safeconduct/envelope";
import {
  base64UrlText,
  type Bytes,
  drawId,
  type FileId,
  type GrantId,
  isProblem,
  type TransferId,
} from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import { askIntakeKey } from "./intake-key.ts";
import { CLOCK_SKEW_LIMIT_MS } from "./limits.ts";
import { formatLink } from "./link.ts";
import { type DemandedFactor, type HashedFactor, hashFactor, mixFactor, requirePasscodes } from "./passcode.ts";
import { persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import type { SendProgress } from "./progress.ts";
import { newestMemberKeyOf, type SendingDevice } from "./sending-device.ts";
import { uploadParts } from "./upload-parts.ts";

/** A file to send: `path` as `validPath` demands. */
export interface OutgoingFile extends Omit<PackageFile, "id"> {
  /** `length` bytes from `offset`; fewer only where the file ends. */
  read(offset: number, length: number): Promise<Bytes>;
}

export interface Recipient {
  readonly address: string;
  readonly name: string | null;
  readonly secondFactor?: DemandedFactor | null;
}

export interface Sending {
  readonly files: readonly OutgoingFile[];
  readonly purpose: Purpose;
  readonly profile: "downloadable";
  /** `public` is a declaration of the sender; of anything else every recipient needs a second factor. */
  readonly handling: Handling;
  readonly recipients: readonly Recipient[];
  /** Milliseconds since the epoch; 0: at once. */
  readonly notBefore: number;
  /** How long the links live, counted from the seal, in milliseconds. */
  readonly lifeMs: number;
  /** 0: no cap. */
  readonly releaseCap: number;
}

export interface Sent {
  readonly transfer: TransferId;
  readonly notAfter: number;
  readonly links: readonly { readonly address: string; readonly grant: GrantId; readonly link: string }[];
}

/**
 * The sender's own grant outlives every link; it ends with the transfer. The server takes up to 30 days: the rest is there
 * so that a clock that is off is told by us, in plain words.
 */
const SENDER_LIFE_MS = 21 * 24 * 60 * 60 * 1000;
/** How long a failed sending waits for its draft to be given up. */
const ABANDON_WITHIN_MS = 3_000;

/**
 * Problems: those of `planPackage` (`envelope/…`), of the draft, the parts and the seal (`transfer/…`, `device/…`, `keys/…`),
 * `client/clock-wrong`, `client/bad-passcode` and `client/other-key-service`.
 * After a failure or an abort nothing is open to anybody; the draft is given up at once where the server can be reached, by the
 * server within a day otherwise.
 */
export async function sendTransfer(
  ports: SendPorts,
  device: SendingDevice,
  sending: Sending,
  progress: SendProgress = {},
): Promise<Sent> {
  const { crypto, api } = ports;
  const { random } = crypto;
  const ids = { organisation: device.organisation, transfer: drawId("transfer", random) };
  const files = new Map<FileId, OutgoingFile>(sending.files.map((file) => [drawId("file", random), file]));
  const plan = planPackage(
    [...files].map(([id, { path, mediaType, sizeBytes }]) => ({ id, path, mediaType, sizeBytes })),
  );
  requirePasscodes(sending.recipients.map(({ secondFactor }) => secondFactor));
  const intakeKey = await askIntakeKey(ports, device, progress);
  const packageKey = drawSecret(random);
  const transferShare = drawSecret(random);
  const granting = { ports, ids, packageKey, transferShare };

  const senderBounds = { notBefore: 0, notAfter: ports.now() + SENDER_LIFE_MS, releaseCap: 0 };
  const own = await makeGrant(granting, {
    bounds: { ...common(sending), kind: "sender", ...senderBounds },
    intakeKey,
  });
  const draft = {
    transfer: ids.transfer,
    device: device.device,
    ...common(sending),
    handling: sending.handling,
    blobLengthBytes: plan.blobLengthBytes,
    partCount: plan.parts.length,
    sealedTransferShare: base64UrlText(
      await sealShare(crypto, {
        publicKey: intakeKey,
        context: transferShareContext(ids),
        share: transferShare,
      }),
    ),
    senderGrant: {
      ...own.body,
      sealedLinkSecret: base64UrlText(
        await sealToMember(crypto, {
          publicKey: newestMemberKeyOf(device).publicKey,
          scope: { ...ids, grant: own.grant, member: device.member },
          linkSecret: own.linkSecret,
        }),
      ),
    },
  };
  const askedAt = ports.now();
  const { createdAt } = await persistently(ports, () => api.call("draftTransfer", { body: draft }), progress).catch(
    (error: unknown) => {
      throw isOurClock(error) ? clientProblem("client/clock-wrong") : error;
    },
  );
  try {
    // Anywhere between question and answer is right: the server may have been slow.
    if (createdAt < askedAt - CLOCK_SKEW_LIMIT_MS || createdAt > ports.now() + CLOCK_SKEW_LIMIT_MS)
      throw clientProblem("client/clock-wrong");
    return await fillAndSeal(granting, { device, files, plan, sending, progress });
  } catch (error) {
    await giveUp(ports, ids.transfer);
    throw error;
  }
}

/** The ends in a draft's terms are all ours, so a server that finds them wrong has another time. */
const isOurClock = (error: unknown): boolean =>
  isProblem(error) && (error.code === "transfer/life-too-long" || error.code === "transfer/already-ended");

/**
 * The ciphertext of a failed sending must not lie on a disk that may be full. Whoever waits, and whoever pressed Ctrl-C, does not
 * wait for long; a draft that stays is given up by the server within a day.
 */
async function giveUp({ api, wait }: ClientPorts, transfer: TransferId): Promise<void> {
  await Promise.race([
    api.call("abandonTransfer", { path: { transfer } }).catch(() => undefined),
    wait(ABANDON_WITHIN_MS),
  ]);
}

async function fillAndSeal(
  granting: Granting,
  {
    device,
    files,
    plan,
    sending,
    progress,
  }: {
    device: SendingDevice;
    files: ReadonlyMap<FileId, OutgoingFile>;
    plan: PackagePlan;
    sending: Sending;
    progress: SendProgress;
  },
): Promise<Sent> {
  const { ports, ids, packageKey } = granting;
  const { crypto, api } = ports;
  const writer = await startPackage(crypto, { ...ids, packageKey, plan });
  const read = (file: FileId, offset: number, length: number) => {
    const source = files.get(file);
    if (source === undefined) throw new Error("the plan names a file that is not there");
    return source.read(offset, length);
  };
  // Before the parts: a hash takes 64 MiB, and so much memory should not come on top of theirs.
  const recipients: { recipient: Recipient; hashed: HashedFactor | null }[] = [];
  for (const recipient of sending.recipients)
    recipients.push({ recipient, hashed: await hashFactor(crypto, recipient.secondFactor ?? null) });
  await uploadParts(
    ports,
    { transfer: ids.transfer, plan, encryptPart: (number, memory) => writer.encryptPart(number, read, memory) },
    progress,
  );

  const notAfter = Math.max(ports.now(), sending.notBefore) + sending.lifeMs;
  const { notBefore, releaseCap } = sending;
  // Asked anew: an upload may have taken longer than an intake key lives.
  const intakeKey = await askIntakeKey(ports, device, progress);
  const grants = [];
  for (const { recipient, hashed } of recipients) {
    const bounds = { ...common(sending), kind: "recipient", notBefore, notAfter, releaseCap } as const;
    const made = await makeGrant(granting, { bounds, intakeKey, hashed });
    grants.push({ recipient, made });
  }
  const record = writer.sealRecord();
  const seal = {
    record: base64UrlText(encodeSealRecord(record)),
    signature: base64UrlText(await signSeal(crypto, { record, privateKey: device.signing.privateKey })),
    grants: grants.map(({ recipient: { address, name }, made }) => ({
      address,
      name,
      ...made.body,
      passcodeVerifierHash: made.passcodeVerifierHash && base64UrlText(made.passcodeVerifierHash),
    })),
  };
  await persistently(ports, () => api.call("sealTransfer", { path: { transfer: ids.transfer }, body: seal }), progress);

  const keyHash = signingKeyHash(crypto.sha256, device.signing.publicKey);
  return {
    transfer: ids.transfer,
    notAfter,
    links: grants.map(({ recipient, made }) => ({
      address: recipient.address,
      grant: made.grant,
      link: formatLink({
        origin: ports.origin,
        grant: made.grant,
        fragment: { linkSecret: made.linkSecret, signingKeyHash: keyHash },
      }),
    })),
  };
}

export interface Granting {
  readonly ports: SendPorts;
  readonly ids: Pick<GrantTerms, "organisation" | "transfer">;
  readonly packageKey: Bytes;
  readonly transferShare: Bytes;
}

export type SendPorts = ClientPorts & { readonly now: () => number; readonly origin: string };

const common = ({ purpose, profile }: Sending) => ({ purpose, profile });

/** Draws S and G of one grant, seals G to the key service and P into the slot. */
export async function makeGrant(
  { ports: { crypto }, ids, packageKey, transferShare }: Granting,
  {
    bounds,
    intakeKey,
    hashed = null,
  }: {
    bounds: Omit<GrantTerms, "organisation" | "transfer" | "grant" | "secondFactor">;
    intakeKey: Bytes;
    hashed?: HashedFactor | null;
  },
) {
  const grant = drawId("grant", crypto.random);
  const linkSecret = drawSecret(crypto.random);
  const grantShare = drawSecret(crypto.random);
  const mixed = await mixFactor(crypto, { ids: { ...ids, grant }, linkSecret, hashed });
  const secondFactor = hashed === null ? {} : { secondFactor: hashed.secondFactor };
  const terms = encodeTerms({ ...ids, grant, ...bounds, ...secondFactor });
  const scope = { ...ids, grant, termsHash: termsHash(crypto.sha256, terms) };
  const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
  const slot = await sealSlot(crypto, {
    kek: await kek(crypto, { linkSecret: mixed.kekSecret, transferShare, grantShare, transcript }),
    transcript,
    packageKey,
  });
  const sealedGrantShare = await sealShare(crypto, {
    publicKey: intakeKey,
    context: grantShareContext(scope),
    share: grantShare,
  });
  return {
    grant,
    linkSecret,
    passcodeVerifierHash: mixed.passcodeVerifierHash,
    body: {
      grant,
      terms: base64UrlText(terms),
      sealedGrantShare: base64UrlText(sealedGrantShare),
      slot: base64UrlText(slot),
    },
  };
}
