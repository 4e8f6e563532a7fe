/**
 * The second half of every release to a member, once its entry is durable: the key service is asked, and then the database once
 * more, for whoever ended the grant or removed the device in the meantime has won.
 */
import { type AuthorisationId, type Bytes, isProblem, type SessionId } from "@safeconduct/foundation";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord } from "../records.ts";
import type { Transaction } from "../store.ts";
import { transferProblem } from "../transfers/errors.ts";
import { ENDED } from "./release.ts";

interface Authorised {
  readonly grant: GrantRecord;
  readonly authorisation: AuthorisationId;
  readonly session: SessionId;
  readonly ephemeralPublicKey: Bytes;
  /** Rejects where the shares may not be had any more. */
  readonly requireOpen: (tx: Transaction, now: number) => Promise<unknown>;
}

/** F ‖ G, sealed to the ephemeral key. Problems: `transfer/not-active`, those of `requireOpen`, `keys/unavailable`. */
export async function sharesForMember(
  { perform, keys }: { readonly perform: Perform; readonly keys: KeyService },
  { grant, authorisation, session, ephemeralPublicKey, requireOpen }: Authorised,
): Promise<Bytes> {
  const { organisation, transfer, id, termsHash } = grant;
  const { sealedShares } = await keys
    .release({
      authorisation,
      organisation,
      transfer,
      grant: id,
      session,
      asker: "member",
      termsHash,
      ephemeralPublicKey,
    })
    .catch((error: unknown) => {
      throw isProblem(error) && ENDED.has(error.code) ? transferProblem("transfer/not-active") : error;
    });
  await perform(async (tx, now) => {
    await requireOpen(tx, now);
    return { entries: [], value: undefined };
  });
  return sealedShares;
}
