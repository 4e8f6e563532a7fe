/** `safeconduct send FILE… --to ADDRESS… --purpose CODE`: encrypts here, uploads, and prints one link for each recipient. */
import { type Sending, sendTransfer, type Sent } from "@safeconduct/client";
import {
  displayName,
  LIMITS,
  mailAddress,
  PURPOSE_WORDS,
  PURPOSES,
  purpose as purposeField,
  profile as profileField,
} from "@safeconduct/contract";
import { openAccount } from "../account.ts";
import { durationMs, readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { openFiles } from "../outgoing-files.ts";
import { sizeWords, type Terminal, timeWords } from "../terminal.ts";
import { demandOf, FACTOR_OPTIONS, readFactor, requireEnrolled } from "../wanted-factor.ts";

export const DEFAULT_LIFE = "48h";
const CAP_LIMIT = 1000;

export async function send(context: Context, args: readonly string[]): Promise<void> {
  const { terminal, signal, now } = context;
  const { positionals, options } = readWords(args, {
    options: {
      to: "texts",
      purpose: "text",
      profile: "text",
      expires: "text",
      cap: "text",
      "not-before": "text",
      ...FACTOR_OPTIONS,
    },
    positionals: { min: 0, max: 10_000 },
  });
  const purpose = purposeField.safeParse(options.purpose);
  if (!purpose.success)
    throw cliProblem(
      "cli/usage",
      `Say what it is for: --purpose with one of ${PURPOSES.map((code) => `${code} (${PURPOSE_WORDS[code]})`).join(", ")}.`,
    );
  const profile = profileField.safeParse(options.profile ?? "downloadable");
  if (!profile.success)
    throw cliProblem("cli/usage", "--profile can be: downloadable. View-only comes with the viewer.");
  const recipients = readRecipients(options.to);
  const lifeMs = durationMs(options.expires ?? DEFAULT_LIFE, "--expires");
  // The server checks it at the seal; nobody should upload for an hour to hear it then.
  if (lifeMs > LIMITS.grantLifeMs) throw cliProblem("cli/usage", "--expires can be 7d at the most.");
  const releaseCap = readCap(options.cap);
  const notBefore = readNotBefore(options["not-before"]);
  const wanted = await readFactor(options);
  const { account, ports: client } = await openAccount(context);
  await requireEnrolled(
    client.api,
    wanted,
    recipients.map(({ address }) => address),
  );

  const set = await openFiles(positionals);
  try {
    for (const { to } of set.renamed) terminal.say(`A file name that some systems cannot keep is sent as: ${to}`);
    const ports = { ...client, now, origin: account.server };
    const protectedRecipients = recipients.map((recipient) => ({
      ...recipient,
      secondFactor: demandOf(wanted, ports.crypto.random),
    }));
    const sending: Sending = {
      files: set.files,
      purpose: purpose.data,
      profile: profile.data,
      handling: options.public ? "public" : "regulated",
      recipients: protectedRecipients,
      notBefore,
      lifeMs,
      releaseCap,
    };
    const sent = await sendTransfer(ports, account.device, sending, {
      signal,
      onProgress: ({ storedBytes, totalBytes }) => terminal.progress(progressWords(storedBytes, totalBytes)),
      onRetry: () => terminal.progress("The server cannot be reached. Trying again …"),
    });
    const passcodes = new Map(
      protectedRecipients.flatMap(({ address, secondFactor }) =>
        secondFactor?.kind !== "passcode" || wanted.ownPasscode !== null
          ? []
          : [[address, secondFactor.passcode] as const],
      ),
    );
    report(terminal, sent, { files: set.files.length, passcodes });
  } finally {
    await set.close();
  }
}

export function readRecipients(addresses: readonly string[]) {
  if (addresses.length === 0) throw cliProblem("cli/usage", "Say who gets it: --to ADDRESS, once for each recipient.");
  const recipients = addresses.map((text) => {
    // "Anna Lind <anna@example.org>" or the address alone.
    const match = /^([^<>]*)<([^<>]+)>$/.exec(text.trim());
    const address = mailAddress.safeParse(match?.[2] ?? text);
    const name = displayName().safeParse(match?.[1] ?? "");
    if (!address.success) throw cliProblem("cli/usage", "A --to is not a mail address.");
    return { address: address.data, name: name.success ? name.data : null };
  });
  if (new Set(recipients.map(({ address }) => address.toLowerCase())).size !== recipients.length)
    throw cliProblem("cli/usage", "The same recipient is named twice. Each recipient gets one link of their own.");
  if (recipients.length > LIMITS.recipientsPerTransfer)
    throw cliProblem("cli/usage", `One transfer goes to ${LIMITS.recipientsPerTransfer} recipients at the most.`);
  return recipients;
}

export function readCap(text: string | undefined): number {
  if (text === undefined) return 0;
  const cap = Number(text);
  if (!/^[1-9][0-9]{0,3}$/.test(text) || cap > CAP_LIMIT)
    throw cliProblem("cli/usage", `--cap takes a number from 1 to ${CAP_LIMIT}.`);
  return cap;
}

function readNotBefore(text: string | undefined): number {
  if (text === undefined) return 0;
  const instant = Date.parse(text);
  const zoned = /T.*(Z|[+-][0-9]{2}:[0-9]{2})$/.test(text);
  if (!zoned || !Number.isFinite(instant))
    throw cliProblem("cli/usage", "--not-before takes a time with its zone: 2026-11-30T08:00:00+01:00.");
  return instant;
}

function progressWords(storedBytes: number, totalBytes: number): string {
  const percent = Math.floor((100 * storedBytes) / totalBytes);
  const filled = Math.floor(percent / 4);
  return `Encrypting and uploading  [${"#".repeat(filled)}${".".repeat(25 - filled)}] ${percent} %  of ${sizeWords(totalBytes)}`;
}

/** `passcodes`: those that were drawn here, by address; whoever brought an own one knows it. */
function report(
  terminal: Terminal,
  { transfer, notAfter, links }: Sent,
  { files, passcodes }: { files: number; passcodes: ReadonlyMap<string, string> },
): void {
  const told = links.map((link) => {
    const passcode = passcodes.get(link.address);
    return passcode === undefined ? link : { ...link, passcode };
  });
  terminal.result({ transfer, notAfter, links: told }, [
    `${files === 1 ? "1 file is" : `${files} files are`} sealed. Transfer ${transfer}, open until ${timeWords(notAfter)}.`,
    "",
    ...told.flatMap((link) => [
      `  ${link.address}`,
      `  ${link.link}`,
      ...("passcode" in link ? [`  passcode: ${link.passcode}`] : []),
      "",
    ]),
    "Give each recipient their own link. It is shown only now; the server does not know it.",
    ...(passcodes.size === 0
      ? []
      : [
          "Tell each recipient their passcode apart from the link: over the phone, never in the same mail as the link.",
          "It is shown only now, too. After ten wrong ones the link is closed.",
        ]),
    "A code goes to the recipient's address when they open it.",
  ]);
}
