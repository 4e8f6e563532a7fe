/** What a sender asks of recipients beside their proof, in words of the command line, and those words for a recipient. */
import type { SendingTerms } from "@safeconduct/client";
import type { Profile } from "@safeconduct/contract";
import { type Conditions, DELETE_BY_DAYS_MAX } from "@safeconduct/envelope";
import { cliProblem } from "./errors.ts";

export const ASKED_OPTIONS = {
  "close-on-receipt": "flag",
  "no-copies": "flag",
  copies: "flag",
  "delete-within": "text",
} as const;

interface AskedWords {
  readonly "close-on-receipt": boolean;
  readonly "no-copies": boolean;
  readonly copies: boolean;
  readonly "delete-within"?: string | undefined;
}

export type AskedOfRecipients = Required<Pick<SendingTerms, "closesOnReceipt" | "conditions">>;

/** Null where no word of them was said. Problem `cli/usage` for words that contradict one another. */
export function readAsked(words: AskedWords, profile: Profile | null): AskedOfRecipients | null {
  const { "no-copies": noCopies, copies, "delete-within": within, "close-on-receipt": closesOnReceipt } = words;
  const mayStore = copies || within !== undefined;
  if (noCopies && mayStore)
    throw cliProblem("cli/usage", "--no-copies goes with neither --copies nor --delete-within.");
  if (mayStore && profile === "viewable")
    throw cliProblem(
      "cli/usage",
      "What is only viewed may not be kept: --profile viewable goes with --no-copies alone.",
    );
  if (!noCopies && !mayStore) return closesOnReceipt ? { closesOnReceipt, conditions: null } : null;
  return { closesOnReceipt, conditions: { mayStore, deleteByDays: within === undefined ? null : readDays(within) } };
}

function readDays(text: string): number {
  const days = Number(/^([1-9][0-9]{0,3})d?$/.exec(text)?.[1] ?? Number.NaN);
  if (!(days <= DELETE_BY_DAYS_MAX))
    throw cliProblem("cli/usage", `--delete-within takes a number of days from 1 to ${DELETE_BY_DAYS_MAX}.`);
  return days;
}

/** For the person who is to accept it. */
export function conditionWords({ mayStore, deleteByDays }: Conditions): string {
  if (!mayStore) return "Keep no copies: delete what you saved when you have read it.";
  if (deleteByDays === null) return "You may keep copies.";
  return `You may keep copies; delete them within ${deleteByDays === 1 ? "1 day" : `${deleteByDays} days`} of now.`;
}
