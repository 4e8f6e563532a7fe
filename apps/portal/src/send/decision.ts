/**
 * "How this may travel": what is allowed, what is still needed and which rule says so. Until an organisation's own policy is asked,
 * the rules are the product's: everything that is not declared public counts as regulated. The server holds the same line by itself
 * (packages/exchange accepted-factor.ts); this is so that nobody hears it after an hour of uploading.
 */
import { areDaysWrong } from "../terms/asked.ts";
import { type RecipientFault, readCap, recipientFaults, type SendDraft, tooManyRecipients } from "./draft.ts";
import { readTimes, type TimeFault } from "./expiry.ts";
import { patientCount } from "./file-rows.ts";
import { type UnseenFile, unseenFiles } from "./unseen-files.ts";

/** `look`: nothing is in the way, and a person should look at it. */
type Standing = "met" | "needed" | "look";

export type Requirement =
  | { readonly id: "encrypted"; readonly standing: "met" }
  | { readonly id: "files"; readonly standing: Standing }
  | { readonly id: "patients"; readonly standing: Standing; readonly count: number }
  | {
      readonly id: "recipients";
      readonly standing: Standing;
      readonly fault: RecipientFault | "too-many" | null;
      /** Key of the recipient that is meant. */
      readonly key: number | null;
    }
  | { readonly id: "purpose"; readonly standing: Standing; readonly marketing: boolean }
  /** `missing`: recipients who would open with the link and the mailed code alone. */
  | { readonly id: "factor"; readonly standing: Standing; readonly missing: number; readonly isPublic: boolean }
  | {
      readonly id: "times";
      readonly standing: Standing;
      readonly fault: { readonly field: "begin" | "end"; readonly kind: TimeFault } | null;
    }
  /** `unseen`: what the page cannot show, though nothing but viewing is allowed; `isNone`: it can show nothing of it all. */
  | {
      readonly id: "viewing";
      readonly standing: Standing;
      readonly unseen: readonly UnseenFile[];
      readonly isNone: boolean;
    }
  | { readonly id: "cap" | "copies"; readonly standing: "needed" };

export interface Decision {
  readonly allowed: boolean;
  readonly requirements: readonly Requirement[];
}

export function decide(draft: SendDraft, now: number): Decision {
  const requirements = [
    { id: "encrypted", standing: "met" } as const,
    { id: "files", standing: draft.files.length > 0 ? "met" : "needed" } as const,
    ...patients(draft),
    ...viewing(draft),
    recipients(draft),
    purpose(draft),
    factor(draft),
    times(draft, now),
    ...(areDaysWrong(draft.asked) ? [{ id: "copies", standing: "needed" } as const] : []),
    ...(readCap(draft.cap) === null ? [{ id: "cap", standing: "needed" } as const] : []),
  ];
  return { allowed: requirements.every(({ standing }) => standing !== "needed"), requirements };
}

function patients({ files }: SendDraft): Requirement[] {
  const count = patientCount(files);
  if (count === 0) return [];
  return [{ id: "patients", standing: count === 1 ? "met" : "look", count }];
}

function viewing({ files, profile }: SendDraft): Requirement[] {
  if (profile !== "viewable" || files.length === 0) return [];
  const unseen = unseenFiles(files);
  const isNone = unseen.length === files.length;
  return [{ id: "viewing", standing: unseen.length === 0 ? "met" : isNone ? "needed" : "look", unseen, isNone }];
}

function recipients(draft: SendDraft): Requirement {
  const faults = recipientFaults(draft.recipients);
  const at = faults.findIndex((fault) => fault !== null);
  if (tooManyRecipients(draft)) return { id: "recipients", standing: "needed", fault: "too-many", key: null };
  const fault = faults[at] ?? null;
  const key = draft.recipients[at]?.key ?? null;
  return { id: "recipients", standing: fault === null && faults.length > 0 ? "met" : "needed", fault, key };
}

function purpose({ purpose: chosen }: SendDraft): Requirement {
  const marketing = chosen === "HMARKT";
  if (chosen === null) return { id: "purpose", standing: "needed", marketing };
  return { id: "purpose", standing: marketing ? "look" : "met", marketing };
}

function factor({ handling, recipients: all }: SendDraft): Requirement {
  const missing = all.filter(({ factor: demanded }) => demanded === null).length;
  if (handling === "public") return { id: "factor", standing: "met", missing, isPublic: true };
  return { id: "factor", standing: missing === 0 ? "met" : "needed", missing, isPublic: false };
}

function times(draft: SendDraft, now: number): Requirement {
  const { fault } = readTimes(draft, now);
  return { id: "times", standing: fault === null ? "met" : "needed", fault };
}
