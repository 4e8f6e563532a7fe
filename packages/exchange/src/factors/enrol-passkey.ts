/**
 * A recipient who has passed a second factor adds a passkey for later files: of this address, at this organisation. Whoever has one
 * already adds another only in a session that a passkey opened, so a passcode that leaked opens nothing later.
 */
import { type Bytes, drawId, equalBytes, type Random } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import { currentSession, demandedFactor } from "../grants/second-factor.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { enrolledFactors } from "./enrolled.ts";
import { factorProblem } from "./errors.ts";
import { drawChallenge, spendChallenge } from "./passkey-challenge.ts";
import { decodePasskey, encodePasskey, type PasskeyCredential } from "./passkey-credential.ts";
import { passedSession } from "./passed-session.ts";
import type { FactorSecrets, PasskeyRegistration, Passkeys } from "./ports.ts";

/** Passkeys of one address at one organisation. */
export const PASSKEYS_MAX = 5;

interface Deps {
  readonly perform: Perform;
  readonly factorSecrets: FactorSecrets;
  readonly passkeys: Passkeys;
  readonly random: Random;
}

/** What the device is to make a passkey from. */
export interface NewPasskey {
  readonly challenge: Bytes;
  readonly rpId: string;
  readonly organisation: string;
  readonly address: string;
  /** 32 bytes, of address and organisation; names nobody. */
  readonly userHandle: Bytes;
  /** Ids of those that are enrolled: the same device does not make another one. */
  readonly enrolled: readonly Bytes[];
}

/**
 * Problems: `grant/unavailable`, `grant/not-yet`, `grant/session-required`, `grant/factor-required`, `factor/already-enrolled`
 * unless a passkey opened this session, `factor/too-many`.
 */
export function beginPasskey(
  { perform, factorSecrets, passkeys, random }: Deps,
  caller: RecipientCaller,
): Promise<NewPasskey> {
  return perform(async (tx, now) => {
    const { grant } = await passedSession(tx, caller, now);
    const enrolled = await roomForOne(tx, factorSecrets, grant);
    const { organisation, address } = grant;
    const value = {
      challenge: await drawChallenge(tx, { caller, now, random }),
      rpId: passkeys.rpId(),
      organisation: (await tx.organisation(organisation))?.name ?? "Safeconduct",
      address,
      userHandle: factorSecrets.addressDigest({ organisation, address }),
      enrolled: enrolled.map(({ credentialId }) => credentialId),
    };
    return { entries: [], value };
  });
}

/**
 * The new passkey. Problems: those of {@link beginPasskey}, `factor/not-begun` (in this session, or too long ago, or answered before),
 * `factor/passkey-refused`.
 */
export async function confirmPasskey(
  { store, perform, factorSecrets, passkeys, random, now: readAt }: Deps & { store: Store; now: number },
  caller: RecipientCaller,
  registration: PasskeyRegistration,
): Promise<void> {
  const { challenge } = await store.read(async (view) => {
    await passedSession(view, caller, readAt);
    return currentSession(view, caller, readAt);
  });
  const passkey = challenge && (await passkeys.registered({ challenge, registration }));
  return perform(async (tx, now) => {
    const { grant, transfer } = await passedSession(tx, caller, now);
    if (!(await spendChallenge(tx, { caller, now, challenge }))) throw factorProblem("factor/not-begun");
    const enrolled = await roomForOne(tx, factorSecrets, grant);
    const isKnown = enrolled.some(({ credentialId }) => passkey && equalBytes(credentialId, passkey.credentialId));
    if (passkey === null || isKnown) return { entries: [], refusal: factorProblem("factor/passkey-refused") };
    const { organisation, address } = grant;
    const id = drawId("factor", random);
    await tx.addFactor({
      id,
      organisation,
      addressDigest: factorSecrets.addressDigest({ organisation, address }),
      kind: "passkey",
      session: caller.session,
      credential: encodePasskey(passkey),
      counter: passkey.counter,
      failures: 0,
      lockedUntil: 0,
      createdAt: now,
      confirmedAt: now,
    });
    const entry = {
      type: "factor/enrolled",
      actor: { kind: "recipient", id: grant.id },
      organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      detail: { session: caller.session, factor: "passkey", enrolment: id },
    } as const;
    return { entries: [entry], value: undefined };
  });
}

/** Those that are enrolled, where one more may be. */
async function roomForOne(
  view: View,
  factorSecrets: FactorSecrets,
  grant: GrantRecord,
): Promise<readonly PasskeyCredential[]> {
  const enrolled = (await enrolledFactors(view, factorSecrets, grant)).filter(({ kind }) => kind === "passkey");
  if (enrolled.length > 0 && demandedFactor(grant)?.kind !== "passkey") throw factorProblem("factor/already-enrolled");
  if (enrolled.length >= PASSKEYS_MAX) throw factorProblem("factor/too-many");
  return enrolled.map(({ credential }) => decodePasskey(credential));
}
