/**
 * Handing both shares of a grant to one verified recipient's device, sealed to its ephemeral key. The key service
 * trusts the API for who the recipient is and for nothing else: times, cap and state are its own.
 */
import { decodeTerms, type GrantKind, releaseContext, sealRelease, termsHash } from "@safeconduct/envelope";
import { type Bytes, equalBytes, type Hpke, type Sha256, type Signatures } from "@safeconduct/foundation";
import { acceptsAuthorisation, type Asker, type ReleaseAuthorisation } from "./authorisation.ts";
import type { ClockGuard } from "./clock-guard.ts";
import { keysProblem } from "./errors.ts";
import type { ReleaseAnswer, ReleaseRequest } from "./messages.ts";
import type { LiveGrant, LiveTransfer, RingDraft } from "./ring.ts";
import type { Change } from "./ring-writer.ts";
import { signStatement } from "./statement.ts";

export interface ReleasePorts {
  readonly crypto: { readonly hpke: Hpke; readonly sha256: Sha256; readonly signatures: Signatures };
  readonly guard: ClockGuard;
  readonly signing: { readonly publicKey: Bytes; readonly privateKey: Bytes };
  readonly apiPublicKey: Bytes;
}

/** Whom a grant answers to, by the kind in its frozen terms. */
const ASKER_OF: Readonly<Record<GrantKind, Asker>> = {
  recipient: "recipient",
  sender: "member",
  recovery: "member",
};

interface LiveShares {
  readonly transfer: LiveTransfer;
  readonly grant: LiveGrant;
}

/**
 * Refuses with `keys/bad-authorisation` (also where the grant does not answer to who asked), `keys/unknown`, `keys/shredded`, `keys/suspended`, `keys/not-yet`,
 * `keys/ended`, `keys/capped`, `keys/malformed` (no HPKE public key). An ephemeral key that has the shares already
 * gets the same answer and is not counted again, as long as it might still get them.
 */
export async function authoriseRelease(ports: ReleasePorts, request: ReleaseRequest): Promise<Change<ReleaseAnswer>> {
  const { authorisation, signature, ephemeralPublicKey } = request;
  const { sha256, signatures } = ports.crypto;
  const audience = ports.signing.publicKey;
  const now = ports.guard.read().wall;
  const signed = { apiPublicKey: ports.apiPublicKey, audience, authorisation, signature, now };
  const accepted =
    equalBytes(sha256(ephemeralPublicKey), authorisation.ephemeralKeyHash) &&
    (await acceptsAuthorisation(signatures, signed));
  if (!accepted) throw keysProblem("keys/bad-authorisation");
  return (draft) => release(ports, { draft, request });
}

async function release(
  ports: ReleasePorts,
  { draft, request }: { draft: RingDraft; request: ReleaseRequest },
): ReturnType<Change<ReleaseAnswer>> {
  const { authorisation } = request;
  const { ephemeralKeyHash } = authorisation;
  const shares = liveShares(draft, authorisation);
  const terms = checkTerms(ports, shares.grant, authorisation);

  const { releases, releasedKeys } = shares.grant;
  const known = releasedKeys.find((key) => equalBytes(key.ephemeralKeyHash, ephemeralKeyHash));
  if (known?.answer) return { record: null, answer: { ...known.answer, releases } };
  // Single use: an authorisation that has served another key is spent.
  const spent = releasedKeys.some((key) => key !== known && key.authorisation === authorisation.authorisation);
  if (spent) throw keysProblem("keys/bad-authorisation");
  if (known) return { record: null, answer: await sealAnswer(ports, { request, shares, releases }) };
  if (terms.releaseCap > 0 && releases >= terms.releaseCap) throw keysProblem("keys/capped");

  const answer = await sealAnswer(ports, { request, shares, releases: releases + 1 });
  const { sealedShares, statement } = answer;
  const record = {
    type: "released",
    grant: authorisation.grant,
    authorisation: authorisation.authorisation,
    ephemeralKeyHash,
    sealedShares,
    statement,
    uncapped: terms.releaseCap === 0,
  } as const;
  return { record, answer };
}

/** Both entries, if they are live, belong together and to that organisation. */
function liveShares(
  draft: RingDraft,
  { organisation, transfer: id, grant: grantId }: ReleaseAuthorisation,
): LiveShares {
  const transfer = draft.transfer(id);
  const grant = draft.grant(grantId);
  if (transfer?.organisation !== organisation || grant?.organisation !== organisation)
    throw keysProblem("keys/unknown");
  if (grant.state !== "shredded" && grant.transfer !== id) throw keysProblem("keys/unknown");
  if (transfer.state === "shredded" || grant.state === "shredded") throw keysProblem("keys/shredded");
  if (transfer.state === "suspended" || grant.state === "suspended") throw keysProblem("keys/suspended");
  return { transfer, grant };
}

/** The grant's own terms, if the authorisation means them and they allow a release at this instant. */
function checkTerms({ crypto, guard }: ReleasePorts, grant: LiveGrant, authorisation: ReleaseAuthorisation) {
  if (!equalBytes(termsHash(crypto.sha256, grant.terms), authorisation.termsHash)) {
    throw keysProblem("keys/bad-authorisation");
  }
  const terms = decodeTerms(grant.terms);
  // A link's session must never be worth the sender's own grant, whatever the API was talked into; nor the other way.
  if (authorisation.asker !== ASKER_OF[terms.kind]) throw keysProblem("keys/bad-authorisation");
  // Where clocks differ, the one that denies counts.
  const { earliest, latest } = guard.read();
  if (latest >= terms.notAfter) throw keysProblem("keys/ended");
  if (earliest < terms.notBefore) throw keysProblem("keys/not-yet");
  return terms;
}

async function sealAnswer(
  ports: ReleasePorts,
  { request, shares, releases }: { request: ReleaseRequest; shares: LiveShares; releases: number },
): Promise<ReleaseAnswer> {
  const { issuedAt: _issuedAt, expiresAt: _expiresAt, ...bound } = request.authorisation;
  const sealedShares = await sealRelease(ports.crypto, {
    publicKey: request.ephemeralPublicKey,
    context: releaseContext(bound),
    transferShare: shares.transfer.share,
    grantShare: shares.grant.share,
  }).catch(() => {
    // The recipient chose these bytes, and a library may refuse them in any way it likes.
    throw keysProblem("keys/malformed");
  });
  const statement = await signStatement(ports.crypto.signatures, {
    privateKey: ports.signing.privateKey,
    statement: { kind: "release", ...bound, releases, at: ports.guard.read().wall },
  });
  return { sealedShares, releases, statement };
}
