/** What the frozen terms of a grant ask of its recipient, and whether it was accepted. Asked in the transaction that lets something out. */
import { type Conditions, decodeTerms } from "@safeconduct/envelope";
import type { GrantRecord } from "../records.ts";
import { grantProblem } from "./errors.ts";

export interface AskedOfRecipient {
  /** Null: there is nothing to accept. */
  readonly conditions: Conditions | null;
  readonly closesOnReceipt: boolean;
}

export function askedOfRecipient({ terms }: Pick<GrantRecord, "terms">): AskedOfRecipient {
  const { conditions = null, closesOnReceipt = false } = decodeTerms(terms);
  return { conditions, closesOnReceipt };
}

/** Problem `grant/terms-not-accepted` while there are conditions that nobody has accepted through this link. */
export function requireAccepted(grant: Pick<GrantRecord, "terms" | "termsAcceptedAt">): void {
  if (grant.termsAcceptedAt === null && askedOfRecipient(grant).conditions !== null)
    throw grantProblem("grant/terms-not-accepted");
}
