/** The words of the transfers page and of its custody line. */
import type { GrantState, TransferState } from "./custody.ts";

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

export const en = {
  title: "Transfers",
  intro: "What your organisation has sent, and what happened to it.",
  fresh: "This list keeps itself up to date.",
  paused: "Updates paused while you were away.",
  stale: "The list could not be brought up to date. It shows what was known before.",
  older: "Show older transfers",
  olderBusy: "Loading…",
  emptyTitle: "Nothing has been sent yet",
  emptyIntro:
    "Files are sent from the command line today. They are encrypted on your computer before anything leaves it.",
  emptyLogin: "Sign the command line in once. It asks for an API token, which you can make here.",
  emptySend:
    "Send a file. The command prints a link for each recipient; the link is secret, so give it to that person only.",
  emptyWatch: "Come back to this page to see whether it was opened, or to stop it.",
  makeToken: "Make an API token",
  heading: (first: string, others: number) =>
    others === 0 ? `To ${first}` : `To ${first} and ${count(others, "other", "others")}`,
  headingDraft: "Not sent yet",
  facts: (purpose: string, size: string, sender: string, when: string) =>
    `For ${purpose} · ${size} encrypted · sent by ${sender} · ${when}`,
  uploading: (held: number, all: number) => `${held} of ${all} parts have arrived.`,
  certificate: "Certificate",
  certificateLabel: (heading: string) => `Certificate of custody: ${heading}`,
  history: "History",
  historyLabel: (heading: string) => `History: ${heading}`,
  revokeAll: "Revoke all",
  revokeAllLabel: (heading: string) => `Revoke all recipients: ${heading}`,
  revoke: "Revoke",
  locked: "Ten wrong passcodes were tried, so this link is locked. Send the files again, with a fresh passcode.",
  codeUndelivered: (at: string) =>
    `The code that was asked for could not be mailed (${at}). Check the address, and tell the recipient to ask again later.`,
  revokeLabel: (address: string) => `Revoke ${address}`,
  custodyOf: (address: string) => `Custody line of ${address}`,
  showEnded: (recipients: number) => `Show the custody line of ${count(recipients, "recipient", "recipients")}`,
  until: (when: string, relative: string) => `Can download until ${when} (${relative})`,
  from: (when: string, relative: string) => `Can download from ${when} (${relative})`,
  endedAt: (when: string) => `Access ended ${when}`,
  revokedAnnounced: "Revoked. The list shows it.",
  confirmGrantTitle: (address: string) => `Stop ${address}?`,
  confirmGrant:
    "The link stops working at once and its key share is destroyed. Other recipients are not affected. This cannot be undone.",
  confirmTransferTitle: "Stop this transfer for everyone?",
  confirmTransfer: (recipients: number) =>
    `The links of ${count(recipients, "recipient", "recipients")} stop working at once. The key shares are destroyed, and with them every copy of the encrypted files. This cannot be undone.`,
  confirmKept: "Files that were downloaded before stay with the person who has them.",
  revokeNow: "Revoke now",
  revoking: "Revoking…",
  transferState: {
    draft: "Uploading",
    active: "Active",
    expired: "Expired",
    revoked: "Revoked",
    destroyed: "Destroyed",
    abandoned: "Given up",
  } satisfies Record<TransferState, string>,
  grantState: {
    pending: "Link not opened yet",
    confirmed: "Address confirmed",
    used: "Files released",
    expired: "Expired",
    revoked: "Revoked",
    capped: "Limit reached",
  } satisfies Record<GrantState, string>,
  custody: {
    sealed: "Sealed",
    confirmed: "Confirmed",
    released: "Released",
    receipt: "Receipt",
    ended: "Ended",
    destroyed: "Destroyed",
    onDevice: "on sender’s device",
    byCode: "by mailed code",
    releases: (releases: number, cap: number) =>
      cap === 0 ? count(releases, "release", "releases") : `${releases} of ${count(cap, "release", "releases")}`,
    arrivedWhole: "arrived whole",
    notYet: "not yet",
    never: "did not happen",
    dueAt: "due",
    afterEnd: "after the end",
    why: { expired: "time is over", revoked: "revoked", capped: "limit reached" },
    unreadable: "key share gone",
    stands: "stands here",
  },
};
export type Words = typeof en;
