/** How shares come in: opened with an intake key, checked against what they were sealed for, kept once. */
import {
  decodeTerms,
  type GrantTerms,
  grantShareContext,
  openShare,
  termsHash,
  transferShareContext,
} from "@safeconduct/envelope";
import { type Bytes, equalBytes, type Hpke, MalformedBinary, type Sha256 } from "@safeconduct/foundation";
import type { ClockGuard } from "./clock-guard.ts";
import { keysProblem } from "./errors.ts";
import type { AddGrantRequest, AddTransferRequest } from "./messages.ts";
import type { IntakeKeyPair } from "./ring.ts";
import type { Change } from "./ring-writer.ts";

interface AdmissionPorts {
  readonly crypto: { readonly hpke: Hpke; readonly sha256: Sha256 };
  readonly guard: ClockGuard;
  /** Whose private keys may open what comes in. */
  readonly intakeKeys: readonly IntakeKeyPair[];
}

/** Refuses with `keys/bad-share`, `keys/shredded`, `keys/conflict`. The same share again is a success. */
export async function admitTransfer(ports: AdmissionPorts, request: AddTransferRequest): Promise<Change<void>> {
  const { organisation, transfer, sealedTransferShare: sealed } = request;
  const context = transferShareContext({ organisation, transfer });
  const share = await openIntake(ports, { context, sealed });
  if (share === null) throw keysProblem("keys/bad-share");
  return async (draft) => {
    const entry = draft.transfer(transfer);
    if (entry === undefined) {
      return { record: { type: "transfer-added", organisation, transfer, share }, answer: undefined };
    }
    if (entry.organisation !== organisation) throw keysProblem("keys/conflict");
    if (entry.state === "shredded") throw keysProblem("keys/shredded");
    if (!equalBytes(entry.share, share)) throw keysProblem("keys/conflict");
    return { record: null, answer: undefined };
  };
}

/**
 * Refuses with `keys/bad-share`, `keys/unknown` (the transfer), `keys/ended`, `keys/suspended`, `keys/shredded`,
 * `keys/conflict`. The same share under the same terms again is a success.
 */
export async function admitGrant(ports: AdmissionPorts, request: AddGrantRequest): Promise<Change<void>> {
  const { organisation, transfer, grant, terms } = request;
  const { notAfter } = readOwnTerms(request);
  const share = await openIntake(ports, {
    context: grantShareContext({ organisation, transfer, grant, termsHash: termsHash(ports.crypto.sha256, terms) }),
    sealed: request.sealedGrantShare,
  });
  if (share === null) throw keysProblem("keys/bad-share");
  return async (draft) => {
    const entry = draft.grant(grant);
    if (entry !== undefined) {
      if (entry.organisation !== organisation) throw keysProblem("keys/conflict");
      if (entry.state === "shredded") throw keysProblem("keys/shredded");
      const same = entry.transfer === transfer && equalBytes(entry.terms, terms) && equalBytes(entry.share, share);
      if (!same) throw keysProblem("keys/conflict");
      return { record: null, answer: undefined };
    }
    const parent = draft.transfer(transfer);
    if (parent === undefined || parent.organisation !== organisation) throw keysProblem("keys/unknown");
    if (parent.state !== "active") throw keysProblem(`keys/${parent.state}`);
    if (ports.guard.read().latest >= notAfter) throw keysProblem("keys/ended");
    return { record: { type: "grant-added", organisation, transfer, grant, share, terms }, answer: undefined };
  };
}

/**
 * The share, or null for anything else. A sealed share does not say which key it is for: the newest is tried first,
 * which is right for all but those that were on their way when it was made.
 */
async function openIntake(
  { crypto, intakeKeys }: AdmissionPorts,
  { context, sealed }: { context: Bytes; sealed: Bytes },
): Promise<Bytes | null> {
  for (const { privateKey } of intakeKeys.toReversed()) {
    const share = await openShare(crypto, { privateKey, context, sealed });
    if (share !== null) return share;
  }
  return null;
}

/** The terms, if they are terms and speak of this very grant. */
function readOwnTerms({ organisation, transfer, grant, terms: encoded }: AddGrantRequest): GrantTerms {
  try {
    const terms = decodeTerms(encoded);
    if (terms.organisation === organisation && terms.transfer === transfer && terms.grant === grant) return terms;
  } catch (error) {
    if (!(error instanceof MalformedBinary)) throw error;
  }
  throw keysProblem("keys/bad-share");
}
