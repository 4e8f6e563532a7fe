/** What a person has filled in so far. It lives in memory alone, above the pages, until it is sent or given up. */
import {
  DEFAULT_LIFE_MS,
  displayName,
  LIMITS,
  mailAddress,
  type Handling,
  type Profile,
  type Purpose,
} from "@safeconduct/contract";
import type { SecondFactorKind } from "@safeconduct/envelope";
import { type Language, language } from "../elements/language.ts";
import { type AskedDraft, copiesUnder, nothingAsked } from "../terms/asked.ts";
import { sameAddress } from "./addresses.ts";
import type { ChosenFile } from "./chosen-files.ts";
import { type Expiry, type LocalTime, PRESET_HOURS } from "./expiry.ts";

export interface RecipientDraft {
  /** Counts up, for ids of the page. */
  readonly key: number;
  readonly address: string;
  readonly name: string;
  /** Where they work. */
  readonly organisation: string;
  /** Of the mails to them and of their page: the sender's own unless they choose another. */
  readonly language: Language;
  /** Null: the link and the mailed code are enough. */
  readonly factor: SecondFactorKind | null;
  /** What the address has enrolled with this organisation; null while nobody has asked. */
  readonly enrolled: readonly SecondFactorKind[] | null;
}

export interface SendDraft {
  readonly files: readonly ChosenFile[];
  readonly recipients: readonly RecipientDraft[];
  readonly purpose: Purpose | null;
  readonly handling: Handling;
  readonly profile: Profile;
  readonly asked: AskedDraft;
  readonly end: Expiry;
  /** Null: at once. */
  readonly begin: LocalTime | null;
  /** As typed; empty for no cap. */
  readonly cap: string;
}

const HOUR_MS = 3_600_000;
/** As the server has it (packages/exchange transfers/limits.ts). */
export const CAP_LIMIT = 1000;

export const newRecipient = (key: number, given: Partial<RecipientDraft> = {}): RecipientDraft => ({
  key,
  address: "",
  name: "",
  organisation: "",
  language,
  factor: "passcode",
  enrolled: null,
  ...given,
});

export const emptyDraft: SendDraft = {
  files: [],
  recipients: [newRecipient(1)],
  purpose: null,
  handling: "regulated",
  profile: "downloadable",
  asked: nothingAsked,
  end: { kind: "preset", hours: 48 },
  begin: null,
  cap: "",
};

/**
 * The draft under another profile. A life that nobody chose goes with it, and terms that the profile does not have become the strict
 * one.
 */
export function withProfile({ profile: before, asked, end }: SendDraft, profile: Profile): Partial<SendDraft> {
  const hours = PRESET_HOURS.find((preset) => preset * HOUR_MS === DEFAULT_LIFE_MS[profile]);
  const isUntouched = end.kind === "preset" && end.hours * HOUR_MS === DEFAULT_LIFE_MS[before];
  return {
    profile,
    asked: { ...asked, copies: copiesUnder(profile, asked.copies) },
    ...(isUntouched && hours !== undefined ? { end: { kind: "preset", hours } } : {}),
  };
}

/** Whether there is something that it would take time to fill in once more. What is merely chosen from a list is not. */
export const isFilledIn = ({ files, recipients }: Pick<SendDraft, "files" | "recipients">): boolean =>
  files.length > 0 ||
  recipients.some(({ address, name, organisation }) =>
    [address, name, organisation].some((text) => text.trim() !== ""),
  );

export type RecipientFault = "address" | "twice" | "name" | "organisation" | "not-enrolled";

/** What is wrong with each recipient, in their order; null where nothing is. */
export function recipientFaults(recipients: readonly RecipientDraft[]): readonly (RecipientFault | null)[] {
  const seen = new Set<string>();
  return recipients.map(({ address, name, organisation, factor, enrolled }) => {
    if (!mailAddress.safeParse(address).success) return "address";
    if (seen.has(sameAddress(address))) return "twice";
    seen.add(sameAddress(address));
    if (!isNameOrNothing(name)) return "name";
    if (!isNameOrNothing(organisation)) return "organisation";
    const isEnrolled = factor === null || factor === "passcode" || (enrolled ?? []).includes(factor);
    return isEnrolled ? null : "not-enrolled";
  });
}

const isNameOrNothing = (text: string): boolean => text.trim() === "" || displayName().safeParse(text).success;

export const tooManyRecipients = ({ recipients }: SendDraft): boolean =>
  recipients.length > LIMITS.recipientsPerTransfer;

/** 0: no cap. Null for what is no number from 1 to {@link CAP_LIMIT}. */
export function readCap(cap: string): number | null {
  const text = cap.trim();
  if (text === "") return 0;
  const number = Number(text);
  return /^[1-9][0-9]{0,3}$/.test(text) && number <= CAP_LIMIT ? number : null;
}
