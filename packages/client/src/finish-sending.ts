/** From a draft to links: the parts that are missing, then the seal with the recipients' grants. For a first run and a later one. */
import {
  encodeSealRecord,
  type PackagePlan,
  type PackageWriter,
  type PartRecord,
  signSeal,
  signingKeyHash,
} from "@safeconduct/envelope";
import { base64UrlText, type FileId, isProblem, type TransferId } from "@safeconduct/foundation";
import { askIntakeKey } from "./intake-key.ts";
import { formatLink } from "./link.ts";
import { askedIn, type Granting, makeGrant } from "./make-grant.ts";
import { type HashedFactor, hashFactor } from "./passcode.ts";
import { isPassing, persistently } from "./persistence.ts";
import type { ClientPorts } from "./ports.ts";
import type { SendProgress } from "./progress.ts";
import type { SendingDevice } from "./sending-device.ts";
import type { OutgoingFile, PreparedSeal, Recipient, SendingTerms, SendPorts, Sent } from "./sending.ts";
import { uploadParts } from "./upload-parts.ts";

/** How long a failed sending waits for its draft to be given up. */
const ABANDON_WITHIN_MS = 3_000;

type SealGranting = Granting & { readonly ports: SendPorts };

interface Filling {
  readonly device: SendingDevice;
  readonly files: ReadonlyMap<FileId, OutgoingFile>;
  readonly plan: PackagePlan;
  readonly writer: PackageWriter;
  readonly terms: SendingTerms;
  /** Parts that the server still holds as they were put. */
  readonly held: ReadonlyMap<number, PartRecord>;
  readonly progress: SendProgress;
}

export async function fillAndSeal(
  granting: SealGranting,
  { device, files, plan, writer, terms, held, progress }: Filling,
): Promise<Sent> {
  const { ports, ids } = granting;
  const { crypto } = ports;
  const read = (file: FileId, offset: number, length: number) => {
    const source = files.get(file);
    if (source === undefined) throw new Error("the plan names a file that is not there");
    return source.read(offset, length);
  };
  // Before the parts: a hash takes 64 MiB, and so much memory should not come on top of theirs.
  const recipients = await hashFactors(granting, terms);
  await uploadParts(
    ports,
    {
      transfer: ids.transfer,
      plan,
      async beginPart(number, memory) {
        const record = held.get(number);
        if (record === undefined || !writer.mayBeHeld(number)) return writer.beginPart(number, read, memory);
        await writer.confirmHeldPart(record, read, memory);
        return null;
      },
      ...(ports.notes === undefined ? {} : { onStored: (part) => ports.notes?.stored(part) ?? Promise.resolve() }),
    },
    progress,
  );
  const record = writer.sealRecord();
  const signed = {
    record: base64UrlText(encodeSealRecord(record)),
    signature: base64UrlText(await signSeal(crypto, { record, privateKey: device.signing.privateKey })),
  };
  const seal = await prepareSeal(granting, { device, terms, recipients, signed, progress });
  return putSeal(ports, seal, progress);
}

/**
 * Puts a seal that was prepared before. It may have arrived; then only itself gives links that open. One that never did and whose
 * links would have ended by now makes room for another.
 */
export async function sealAgain(
  granting: SealGranting,
  {
    device,
    terms,
    seal,
    progress,
  }: { device: SendingDevice; terms: SendingTerms; seal: PreparedSeal; progress: SendProgress },
): Promise<Sent> {
  try {
    return await putSeal(granting.ports, seal, progress);
  } catch (error) {
    if (!isProblem(error) || error.code !== "transfer/already-ended") throw error;
  }
  const recipients = await hashFactors(granting, terms);
  const { record, signature } = seal.body;
  const signed = { record, signature };
  const next = await prepareSeal(granting, { device, terms, recipients, signed, progress });
  return putSeal(granting.ports, next, progress);
}

/**
 * The ciphertext of a failed sending must not lie on a disk that may be full. Whoever waits, and whoever pressed Ctrl-C, does not
 * wait for long; a draft that stays is given up by the server within a day. One that only waits for a network and can be gone on
 * with stays.
 */
export async function giveUpAfter(
  { api, wait, notes }: SendPorts,
  { transfer, error, progress }: { transfer: TransferId; error: unknown; progress: SendProgress },
): Promise<void> {
  if (notes !== undefined && isPassing(error) && progress.signal?.aborted !== true) return;
  await Promise.race([
    api.call("abandonTransfer", { path: { transfer } }).catch(() => undefined),
    wait(ABANDON_WITHIN_MS),
  ]);
  await notes?.over();
}

type HashedRecipient = { readonly recipient: Recipient; readonly hashed: HashedFactor | null };

async function hashFactors({ ports: { crypto } }: { ports: ClientPorts }, { recipients }: SendingTerms) {
  const hashed: HashedRecipient[] = [];
  for (const recipient of recipients)
    hashed.push({ recipient, hashed: await hashFactor(crypto, recipient.secondFactor ?? null) });
  return hashed;
}

interface Preparing {
  readonly device: SendingDevice;
  readonly terms: SendingTerms;
  readonly recipients: readonly HashedRecipient[];
  readonly signed: Pick<PreparedSeal["body"], "record" | "signature">;
  readonly progress: SendProgress;
}

async function prepareSeal(
  granting: SealGranting,
  { device, terms, recipients, signed, progress }: Preparing,
): Promise<PreparedSeal> {
  const { ports, ids } = granting;
  const { purpose, profile, notBefore, releaseCap } = terms;
  const asked = askedIn(terms);
  const notAfter = terms.endsAt ?? Math.max(ports.now(), notBefore) + terms.lifeMs;
  // Asked anew: an upload may have taken longer than an intake key lives.
  const intakeKey = await askIntakeKey(ports, device, progress);
  const grants = [];
  for (const { recipient, hashed } of recipients) {
    const bounds = { purpose, profile, kind: "recipient", notBefore, notAfter, releaseCap, ...asked } as const;
    const made = await makeGrant(granting, { bounds, intakeKey, hashed });
    grants.push({ recipient, made });
  }
  const keyHash = signingKeyHash(ports.crypto.sha256, device.signing.publicKey);
  const links = grants.map(({ recipient: { address }, made: { grant, linkSecret } }) => {
    const fragment = { linkSecret, signingKeyHash: keyHash };
    return { address, grant, link: formatLink({ origin: ports.origin, grant, fragment }) };
  });
  const body = {
    ...signed,
    grants: grants.map(({ recipient: { address, name, organisation = null, language = null }, made }) => ({
      address,
      name,
      organisation,
      language,
      ...made.body,
      passcodeVerifierHash: made.passcodeVerifierHash && base64UrlText(made.passcodeVerifierHash),
    })),
  };
  return { body, sent: { transfer: ids.transfer, notAfter, links } };
}

async function putSeal(ports: SendPorts, seal: PreparedSeal, progress: SendProgress): Promise<Sent> {
  const { transfer } = seal.sent;
  await ports.notes?.sealing(seal);
  await persistently(ports, () => ports.api.call("sealTransfer", { path: { transfer }, body: seal.body }), progress);
  return seal.sent;
}
