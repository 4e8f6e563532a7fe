/** What mails say, in English. Plain and short; no word about a patient or a file. */
import type { AccountChange } from "../identity/account-change.ts";
import type { MailText } from "./letter.ts";

const accountAdvice = [
  "If this was you, there is nothing to do.",
  "If it was not, tell your administrator at once: somebody else may be able to sign in as you. Then sign in as you always do, and look at your account. This message holds no link on purpose.",
] as const;

const accountChanges: Readonly<Record<AccountChange, { subject: string; what: (when: string) => string }>> = {
  "passkey-added": {
    subject: "A passkey was added to your Safeconduct account",
    what: (when) => `On ${when} a passkey was added with which you can sign in to Safeconduct without your password.`,
  },
  "passkey-removed": {
    subject: "A passkey was removed from your Safeconduct account",
    what: (when) => `On ${when} a passkey was removed from your account. It does not sign in to Safeconduct any more.`,
  },
  "password-changed": {
    subject: "The password of your Safeconduct account was changed",
    what: (when) =>
      `On ${when} the password of your account was changed. Whoever was signed in elsewhere was signed out.`,
  },
};

export const en = {
  /** `minutes` is how long the code lives. */
  code: ({ organisation, code, minutes }: { organisation: string; code: string; minutes: number }): MailText => ({
    subject: `Your code for files from ${organisation}`,
    parts: [
      `${organisation} has sent you files through Safeconduct.`,
      { label: "Your code", code },
      `Enter it on the page that you opened. It works once, for ${minutes} minutes.`,
      "If you did not open a link, ignore this message. Nobody will ever ask you for this code by phone.",
    ],
  }),
  /** As `code`: to confirm after a link's end that copies are deleted. */
  deletionCode: (of: { organisation: string; code: string; minutes: number }): MailText => ({
    subject: `Your code to confirm a deletion to ${of.organisation}`,
    parts: [
      `You want to confirm that you have deleted files that ${of.organisation} sent you through Safeconduct.`,
      { label: "Your code", code: of.code },
      `Enter it on the page that you opened, once every copy is deleted. It works once, for ${of.minutes} minutes, and opens no files.`,
      "If you did not ask for it, ignore this message. Nobody will ever ask you for this code by phone.",
    ],
  }),
  problem: (): MailText => ({
    subject: "A recipient reported a problem with files that you sent",
    parts: [
      "Somebody to whom you sent files through Safeconduct has told you that something is wrong with them.",
      "What it is, and with which files, stands beside the recipient on the page Transfers. Sign in as you always do; this message holds no link on purpose.",
    ],
  }),
  /** `when` as {@link import("./instants.ts").instantText} says it. */
  account: ({ change, when }: { change: AccountChange; when: string }): MailText => ({
    subject: accountChanges[change].subject,
    parts: [accountChanges[change].what(when), ...accountAdvice],
  }),
  /** `hours` is how long the link works. */
  invitation: ({
    organisation,
    inviter,
    link,
    hours,
  }: {
    organisation: string;
    inviter: string;
    link: string;
    hours: number;
  }): MailText => ({
    subject: `${organisation} invites you to Safeconduct`,
    parts: [
      `${inviter} has invited you to join ${organisation} in Safeconduct, with which it sends files, encrypted, to people outside.`,
      { label: "Open this page to join", link },
      `It works once, for ${hours} hours. There you choose a password and add an authenticator. Have a phone or a password manager at hand that shows sign-in codes.`,
      "If you do not expect this, ask the person who invited you, or ignore this message. Nobody will ever ask you for your password by phone or mail.",
    ],
  }),
  memberTest: ({ name, organisation }: { name: string; organisation: string }): MailText => ({
    subject: "A test mail of Safeconduct",
    parts: [
      `${name} of ${organisation} asked for this mail, to see whether Safeconduct's mail arrives.`,
      "If you can read it, recipients will get their codes. Nobody needs to answer.",
    ],
  }),
  serverTest: (): MailText => ({
    subject: "A test mail of Safeconduct",
    parts: [
      "This is a test of the mail server that Safeconduct is configured with.",
      "If you can read it, people will get their codes. Nobody needs to answer.",
    ],
  }),
};
