/** What can go wrong with a transfer while its sender works on it. */
import { Problem, type ProblemDetails } from "@safeconduct/foundation";

export type TransferProblemCode =
  | "transfer/unknown"
  | "transfer/conflict"
  | "transfer/not-draft"
  | "transfer/not-active"
  | "transfer/not-destroyed"
  | "transfer/bad-terms"
  | "transfer/life-too-long"
  | "transfer/already-ended"
  | "transfer/same-recipient-twice"
  | "transfer/too-many-recipients"
  | "transfer/beyond-end"
  | "transfer/bad-part"
  | "transfer/parts-missing"
  | "transfer/seal-mismatch"
  | "transfer/second-factor-required"
  | "transfer/factor-not-enrolled"
  | "transfer/over-quota"
  | "transfer/too-many-drafts";

const MESSAGES: Record<TransferProblemCode, string> = {
  "transfer/unknown": "There is no such transfer.",
  "transfer/conflict": "A transfer or grant of that id already exists with other content. Begin again.",
  "transfer/not-draft": "This transfer is sealed or ended; it cannot be changed any more.",
  "transfer/not-active": "This transfer is not open to recipients.",
  "transfer/not-destroyed":
    "Only a transfer whose keys and content are destroyed can be erased. Revoke it first, or wait for its end.",
  "transfer/bad-terms": "The terms of a grant do not fit this transfer.",
  "transfer/life-too-long": "A link may live for at most 7 days. Choose an earlier end.",
  "transfer/already-ended": "The end of a link must be in the future.",
  "transfer/too-many-recipients":
    "This transfer has as many recipients as one may have. Send the files again for others.",
  "transfer/beyond-end":
    "The new link would outlive the transfer: its own keys end earlier. Choose an earlier end, or send the files again.",
  "transfer/same-recipient-twice": "The same recipient is named twice. Each recipient gets one link of their own.",
  "transfer/bad-part": "That part does not belong to this transfer.",
  "transfer/parts-missing": "Not every part of the package has arrived. Upload the missing parts and seal again.",
  "transfer/seal-mismatch": "The seal does not match what was uploaded. Upload again.",
  "transfer/second-factor-required":
    "These files are not declared public, so every recipient needs a second factor beside the link: a passcode, for example.",
  "transfer/factor-not-enrolled":
    "A recipient has not enrolled that second factor with your organisation. Send with a passcode; whoever opens with it can enrol one.",
  "transfer/over-quota":
    "Your organisation has no room left for this transfer. Revoke transfers that are no longer needed, wait until some end, or ask your administrator for more room.",
  "transfer/too-many-drafts":
    "Too many transfers are begun and not finished. Finish or give up some of them, or wait: after a day they go by themselves.",
};

export const transferProblem = (code: TransferProblemCode, details?: ProblemDetails): Problem<TransferProblemCode> =>
  new Problem(code, MESSAGES[code], details);

const OVER_QUOTA: TransferProblemCode = "transfer/over-quota";

/** With the sizes: how much is asked for, and how much of the quota is left. */
export function overQuota({
  wantedBytes,
  keptBytes,
  quotaBytes,
}: {
  wantedBytes: number;
  keptBytes: number;
  quotaBytes: number;
}): Problem<TransferProblemCode> {
  const left = Math.max(0, quotaBytes - keptBytes);
  const sizes = `It needs ${sizeText(wantedBytes)}; ${sizeText(left)} of ${sizeText(quotaBytes)} are left.`;
  return new Problem(OVER_QUOTA, `${MESSAGES[OVER_QUOTA]} ${sizes}`);
}

const KIBI = 1024;
const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** Binary units, one decimal. */
function sizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(KIBI)));
  const value = bytes / KIBI ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${UNITS[step]}`;
}
