/**
 * What a sender asks of recipients beside times and proof, as a form holds it: the profile, terms about copies, and whether a receipt
 * closes the link. What it becomes is in the frozen terms (docs/adr/0018-asked-of-recipients.md).
 */
import type { SendingTerms } from "@safeconduct/client";
import type { Profile } from "@safeconduct/contract";
import { type Conditions, DELETE_BY_DAYS_MAX } from "@safeconduct/envelope";

/** `unsaid`: nothing is to be accepted. */
export const COPIES = ["unsaid", "none", "keep", "delete"] as const;
export type Copies = (typeof COPIES)[number];

export interface AskedDraft {
  readonly copies: Copies;
  /** As typed. */
  readonly deleteDays: string;
  readonly closesOnReceipt: boolean;
}

export const nothingAsked: AskedDraft = { copies: "unsaid", deleteDays: "30", closesOnReceipt: false };

/** What is only viewed may not be kept: the envelope refuses other terms. */
export const copiesFor = (profile: Profile): readonly Copies[] =>
  profile === "viewable" ? ["unsaid", "none"] : COPIES;

/** The same wish under another profile: a term about copies becomes the one that is left. */
export const copiesUnder = (profile: Profile, copies: Copies): Copies =>
  copiesFor(profile).includes(copies) ? copies : "none";

/** Null for what is no whole number from 1 to {@link DELETE_BY_DAYS_MAX}. */
function readDays(text: string): number | null {
  const days = /^[1-9][0-9]{0,3}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return days <= DELETE_BY_DAYS_MAX ? days : null;
}

export const areDaysWrong = ({ copies, deleteDays }: AskedDraft): boolean =>
  copies === "delete" && readDays(deleteDays) === null;

/** Throws for days that {@link areDaysWrong} names: a form with them is not sent. */
export function askedTerms(asked: AskedDraft): Pick<SendingTerms, "closesOnReceipt" | "conditions"> {
  const conditions = conditionsOf(asked);
  return {
    ...(asked.closesOnReceipt ? { closesOnReceipt: true } : {}),
    ...(conditions === null ? {} : { conditions }),
  };
}

function conditionsOf({ copies, deleteDays }: AskedDraft): Conditions | null {
  switch (copies) {
    case "unsaid":
      return null;
    case "none":
      return { mayStore: false, deleteByDays: null };
    case "keep":
      return { mayStore: true, deleteByDays: null };
    case "delete": {
      const days = readDays(deleteDays);
      if (days === null) throw new Error("these days were not looked at");
      return { mayStore: true, deleteByDays: days };
    }
  }
}

/** What was asked of somebody before, for another link on the same terms. */
export function askedBefore({
  conditions,
  closesOnReceipt,
}: {
  conditions: Conditions | null;
  closesOnReceipt: boolean;
}): AskedDraft {
  if (conditions === null) return { ...nothingAsked, closesOnReceipt };
  const { mayStore, deleteByDays } = conditions;
  if (!mayStore) return { ...nothingAsked, copies: "none", closesOnReceipt };
  if (deleteByDays === null) return { ...nothingAsked, copies: "keep", closesOnReceipt };
  return { copies: "delete", deleteDays: `${deleteByDays}`, closesOnReceipt };
}
