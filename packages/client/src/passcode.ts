/**
 * The passcode of a grant on both sides: the sender's device mixes it into the new link's secret, the recipient's device shows
 * its verifier and keeps A for opening. The passcode itself never leaves either.
 */
import {
  canonicalPasscode,
  decodeTerms,
  hashPasscode,
  mixPasscode,
  passcodeFactor,
  passcodeVerifier,
  passcodeVerifierHash,
  type SecondFactor,
  type SecondFactorKind,
} from "@safeconduct/envelope";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  type CryptoPorts,
  equalBytes,
  type GrantId,
  MalformedBinary,
  type OrganisationId,
  type TransferId,
} from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import type { ClientPorts } from "./ports.ts";

interface GrantIds {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly grant: GrantId;
}

/** What a recipient must bring beside link and mailed code. */
export type DemandedFactor =
  | { readonly kind: "passcode"; readonly passcode: string }
  | { readonly kind: "authenticator" }
  | { readonly kind: "passkey" };

/** Problem `client/bad-passcode`. */
function canonical(passcode: string): Bytes {
  const bytes = canonicalPasscode(passcode);
  if (bytes === null) throw clientProblem("client/bad-passcode");
  return bytes;
}

/** Problem `client/bad-passcode`: before anything is uploaded, not at the seal. */
export function requirePasscodes(demanded: readonly (DemandedFactor | null | undefined)[]): void {
  for (const factor of demanded) if (factor?.kind === "passcode") canonical(factor.passcode);
}

/** A demanded factor with its salt drawn and its passcode hashed; null where none is demanded. */
export interface HashedFactor {
  readonly secondFactor: SecondFactor;
  /** A, 32 bytes, where a passcode is demanded. */
  readonly passcodeHash: Bytes | null;
}

/** Takes a good part of a second for a passcode: done before the times of a grant are fixed. Problem `client/bad-passcode`. */
export async function hashFactor(crypto: CryptoPorts, demanded: DemandedFactor | null): Promise<HashedFactor | null> {
  if (demanded?.kind !== "passcode") return demanded && { secondFactor: demanded, passcodeHash: null };
  const factor = passcodeFactor(crypto.random);
  const passcodeHash = await hashPasscode(crypto, { passcode: canonical(demanded.passcode), factor });
  return { secondFactor: factor, passcodeHash };
}

/** What takes the place of S in the KEK of a new grant, and the hash that lets the server check its passcode. */
export async function mixFactor(
  crypto: CryptoPorts,
  { ids, linkSecret, hashed }: { ids: GrantIds; linkSecret: Bytes; hashed: HashedFactor | null },
): Promise<{ kekSecret: Bytes; passcodeVerifierHash: Bytes | null }> {
  const passcodeHash = hashed?.passcodeHash ?? null;
  if (passcodeHash === null) return { kekSecret: linkSecret, passcodeVerifierHash: null };
  const secrets = { ...ids, linkSecret, passcodeHash };
  return {
    kekSecret: await mixPasscode(crypto, secrets),
    passcodeVerifierHash: passcodeVerifierHash(crypto.sha256, await passcodeVerifier(crypto, secrets)),
  };
}

/** What a grant demands, by the terms that came with the confirmation. Problem `client/not-genuine` for anything else. */
export function demandedKind({ grant, terms }: { grant: GrantId; terms: string }): SecondFactorKind | null {
  return factorOf(grant, terms).factor?.kind ?? null;
}

/** A passcode that the server accepted, for opening. Kept in memory only. */
export interface ProvenPasscode {
  /** The terms for which it was hashed. */
  readonly terms: Bytes;
  /** A, 32 bytes. */
  readonly passcodeHash: Bytes;
}

/**
 * Shows the server the verifier of a passcode. `ports.api` carries the verification session; `terms` came with it.
 * A refusal means a wrong passcode: the package itself is not touched yet, so nothing else can be wrong.
 * Problems: `client/bad-passcode`, `client/not-genuine`, `grant/factor-refused`, `grant/locked`, `grant/unavailable`.
 */
export async function provePasscode(
  ports: ClientPorts<"provePasscode">,
  {
    grant,
    linkSecret,
    terms,
    passcode,
    signal,
  }: { grant: GrantId; linkSecret: Bytes; terms: string; passcode: string; signal?: AbortSignal },
): Promise<ProvenPasscode> {
  const bytes = canonical(passcode);
  const { encoded, ids, factor } = factorOf(grant, terms);
  if (factor?.kind !== "passcode") throw clientProblem("client/not-genuine");
  const passcodeHash = await hashPasscode(ports.crypto, { passcode: bytes, factor });
  const proven = { terms: encoded, passcodeHash };
  await showVerifier(ports, { ids, linkSecret, proven, ...(signal ? { signal } : {}) });
  return proven;
}

/** Shows a passcode that was accepted before to a new session of the same grant: nobody types it twice in one visit. */
export async function provePasscodeAgain(
  ports: ClientPorts<"provePasscode">,
  { grant, linkSecret, proven }: { grant: GrantId; linkSecret: Bytes; proven: ProvenPasscode },
): Promise<void> {
  const { ids } = factorOf(grant, base64UrlText(proven.terms));
  await showVerifier(ports, { ids, linkSecret, proven });
}

async function showVerifier(
  ports: ClientPorts<"provePasscode">,
  {
    ids,
    linkSecret,
    proven,
    signal,
  }: { ids: GrantIds; linkSecret: Bytes; proven: ProvenPasscode; signal?: AbortSignal },
): Promise<void> {
  const verifier = await passcodeVerifier(ports.crypto, { ...ids, linkSecret, passcodeHash: proven.passcodeHash });
  // Once: a wrong passcode whose answer was lost would be counted again and again.
  await ports.api.call("provePasscode", {
    path: { grant: ids.grant },
    body: { verifier: base64UrlText(verifier) },
    ...(signal ? { signal } : {}),
  });
}

/**
 * What takes the place of S in the KEK of these terms. Problem `client/not-genuine` when they demand a
 * passcode that nobody was asked for, or are other terms than those for which it was asked.
 */
export async function openingSecret(
  crypto: CryptoPorts,
  {
    terms,
    ids,
    demanded,
    linkSecret,
    proven,
  }: {
    terms: Bytes;
    ids: GrantIds;
    demanded: SecondFactor | undefined;
    linkSecret: Bytes;
    proven: ProvenPasscode | null;
  },
): Promise<Bytes> {
  if (proven !== null && !equalBytes(proven.terms, terms)) throw clientProblem("client/not-genuine");
  if (demanded?.kind !== "passcode") return linkSecret;
  if (proven === null) throw clientProblem("client/not-genuine");
  return mixPasscode(crypto, { ...ids, linkSecret, passcodeHash: proven.passcodeHash });
}

function factorOf(grant: GrantId, text: string): { encoded: Bytes; ids: GrantIds; factor: SecondFactor | undefined } {
  const encoded = base64UrlBytes(text);
  if (encoded === null) throw clientProblem("client/not-genuine");
  try {
    const { organisation, transfer, secondFactor, ...terms } = decodeTerms(encoded);
    if (terms.grant === grant) return { encoded, ids: { organisation, transfer, grant }, factor: secondFactor };
  } catch (error) {
    if (!(error instanceof MalformedBinary)) throw error;
  }
  throw clientProblem("client/not-genuine");
}
