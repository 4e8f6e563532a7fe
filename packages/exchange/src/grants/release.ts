/**
 * The release: a verified recipient has both shares sealed to a key that exists only in their device's memory.
 * The database is asked first, the entry is durable before the key service is asked, and the key service decides for itself
 * again: it holds its own copy of the terms and its own count.
 */
import { type AuthorisationId, type Bytes, drawId, isProblem, type Random, type Sha256 } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { DeviceRecord, GrantRecord, TransferRecord } from "../records.ts";
import type { Transaction } from "../store.ts";
import { endGrant, isLive } from "../transfers/end-transfer.ts";
import { CAPPED_DOWNLOAD_MS } from "../transfers/limits.ts";
import { grantProblem } from "./errors.ts";
import { findReadableGrant, readableGrant, requireBegun } from "./live-grant.ts";
import { requireAccepted } from "./conditions.ts";
import { requireFactor } from "./second-factor.ts";

export interface Released {
  readonly grant: GrantRecord;
  readonly transfer: TransferRecord & { readonly sealRecord: Bytes; readonly sealSignature: Bytes };
  readonly device: DeviceRecord;
  readonly sealedShares: Bytes;
}

/**
 * Ephemeral keys that a grant without a cap may bring, and keys that were refused on top of a cap. Somebody who opens a link opens
 * it a few times; without a bound they could write into ledger and ring for as long as the link lives.
 */
export const RELEASE_KEY_LIMIT = 100;

interface Deps {
  readonly perform: Perform;
  readonly keys: KeyService;
  readonly random: Random;
  readonly sha256: Sha256;
}

/** Refusals of the key service that mean no, not an outage. */
export const ENDED: ReadonlySet<string> = new Set([
  "keys/capped",
  "keys/ended",
  "keys/suspended",
  "keys/shredded",
  "keys/unknown",
  "keys/not-yet",
  // The device's key is no key.
  "keys/malformed",
]);

/** Problems: `grant/unavailable`, `grant/not-yet`, `grant/factor-required`, `grant/terms-not-accepted`, `keys/unavailable`. */
export async function release(deps: Deps, caller: RecipientCaller, ephemeralPublicKey: Bytes): Promise<Released> {
  const authorisation = drawId("authorisation", deps.random);
  const { isRepeat, ...authorised } = await authorise(deps, caller, { authorisation, ephemeralPublicKey });
  const { grant, transfer } = authorised;
  try {
    const { sealedShares, releases } = await deps.keys.release({
      authorisation,
      organisation: grant.organisation,
      transfer: transfer.id,
      grant: grant.id,
      session: caller.session,
      asker: "recipient",
      termsHash: grant.termsHash,
      ephemeralPublicKey,
    });
    await conclude(deps, authorised, releases);
    return { ...authorised, sealedShares };
  } catch (error) {
    if (!isProblem(error) || !ENDED.has(error.code)) throw error;
    return refuse(deps, authorised, { code: error.code, isRepeat });
  }
}

/** A key that was brought before is answered without another entry; too many new ones are refused with `grant/unavailable`. */
function authorise(
  { perform, sha256 }: Deps,
  caller: RecipientCaller,
  { authorisation, ephemeralPublicKey }: { authorisation: AuthorisationId; ephemeralPublicKey: Bytes },
): Promise<Omit<Released, "sealedShares"> & { readonly isRepeat: boolean }> {
  const keyHash = sha256(ephemeralPublicKey);
  return perform(async (tx, now) => {
    const { grant, transfer } = await readableGrant(tx, caller.grant, now);
    requireBegun(grant, now);
    await requireFactor(tx, { grant, caller, now });
    requireAccepted(grant);
    const isRepeat = (await tx.findReleaseKey(grant.id, keyHash)) !== null;
    if (!isRepeat) {
      const isFull = (await tx.releaseKeyCount(grant.id)) >= grant.releaseCap + RELEASE_KEY_LIMIT;
      if (isFull) throw grantProblem("grant/unavailable");
      await tx.addReleaseKey({ grant: grant.id, keyHash, at: now });
    }
    const device = await tx.findDevice(transfer.device);
    const { sealRecord, sealSignature } = transfer;
    if (device === null || sealRecord === null || sealSignature === null)
      throw new Error("a sealed transfer lacks its seal or its device");
    if (isLive(grant)) await tx.updateGrant(grant.id, { state: "used", firstReleasedAt: grant.firstReleasedAt ?? now });
    else await inOneOrder(tx, transfer);
    // Whoever has the files once more has something to delete once more.
    if (!isRepeat && grant.deletionAttestedAt !== null) await tx.updateGrant(grant.id, { deletionAttestedAt: null });
    const entry = {
      type: "grant/released",
      actor: { kind: "recipient", id: grant.id },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      payloadHash: keyHash,
      detail: { session: caller.session, authorisation },
    } as const;
    return {
      entries: isRepeat ? [] : [entry],
      value: { grant, transfer: { ...transfer, sealRecord, sealSignature }, device, isRepeat },
    };
  });
}

/**
 * Where an opening changes no record that a revocation changes. Written as it is, so that a database that runs transactions side by
 * side must put the two in one order; their entries could stand in the other one otherwise.
 */
export async function inOneOrder(tx: Transaction, { id, state }: TransferRecord): Promise<void> {
  await tx.updateTransfer(id, { state });
}

type Authorised = Pick<Released, "grant" | "transfer">;

/**
 * The key service's count is the true one; at the cap the grant ends. Whoever withdrew the grant while the key service was
 * asked has won, also where the key service could not be told: then nothing is handed over.
 */
function conclude({ perform }: Deps, authorised: Authorised, releases: number): Promise<void> {
  return perform(async (tx, now) => {
    const grant = await currentGrant(tx, authorised);
    if (releases > grant.releases) await tx.updateGrant(grant.id, { releases });
    if ((await findReadableGrant(tx, grant.id, now)) === null) return refusal(authorised, "grant/unavailable");
    const isCapped = grant.releaseCap > 0 && releases >= grant.releaseCap;
    return { entries: isCapped ? await endCapped(tx, grant, now) : [], value: undefined };
  });
}

/** A key that is refused again says nothing new. */
function refuse(
  { perform }: Deps,
  authorised: Authorised,
  { code, isRepeat }: { code: string; isRepeat: boolean },
): Promise<never> {
  return perform<never>(async (tx, now) => {
    const told = refusal(authorised, code);
    const refused = isRepeat ? { ...told, entries: [] } : told;
    if (code !== "keys/capped") return refused;
    // A count that never reached us, because we or the database failed after the key service had answered, is made up for.
    const grant = await currentGrant(tx, authorised);
    await tx.updateGrant(grant.id, { releases: Math.max(grant.releases, grant.releaseCap) });
    return { ...refused, entries: [...refused.entries, ...(await endCapped(tx, grant, now))] };
  });
}

const refusal = ({ grant, transfer }: Authorised, code: string) => ({
  entries: [
    {
      type: "grant/release-refused",
      actor: { kind: "system" },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      refused: code,
    } as const,
  ],
  refusal: grantProblem("grant/unavailable"),
});

async function currentGrant(tx: Transaction, { grant: { id } }: Authorised): Promise<GrantRecord> {
  const grant = await tx.findGrant(id);
  if (grant === null) throw new Error("a grant that was authorised is not there any more");
  return grant;
}

/** No entries when something has ended the grant already. */
async function endCapped(tx: Transaction, grant: GrantRecord, at: number): Promise<readonly Entry[]> {
  const transfer = await tx.findTransfer(grant.transfer);
  if (transfer === null || !isLive(grant)) return [];
  const destroyDueAt = Math.min(grant.endsAt, at + CAPPED_DOWNLOAD_MS);
  return endGrant(tx, { transfer, grant, end: "capped", at, destroyDueAt, actor: { kind: "system" } });
}
