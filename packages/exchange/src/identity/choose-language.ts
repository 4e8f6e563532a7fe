/**
 * A member reads the portal in another language from now on, and gets mails in it. It opens nothing and says nothing about anybody
 * else, so it is no entry of the ledger.
 */
import type { Language } from "@safeconduct/contract";
import type { MemberCaller } from "../callers.ts";
import type { Store } from "../store.ts";
import { signInProblem } from "./errors.ts";

/** Problem `sign-in/required`, for one who was removed a moment ago. */
export function chooseLanguage(
  { store }: { store: Store },
  { member }: MemberCaller,
  { language }: { language: Language },
): Promise<void> {
  return store.transaction(async (tx) => {
    const found = await tx.findMember(member);
    if (found?.removedAt !== null) throw signInProblem("sign-in/required");
    if (found.language !== language) await tx.updateMember(member, { language });
  });
}
