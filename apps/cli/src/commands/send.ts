/** `safeconduct send FILE… --to ADDRESS… --purpose CODE`: encrypts here, uploads, and prints one link for each recipient. */
import { isPassing, type Sending, sendTransfer } from "@safeconduct/client";
import {
  DEFAULT_LIFE_MS,
  LIMITS,
  PURPOSE_WORDS,
  PURPOSES,
  purpose as purposeField,
  profile as profileField,
} from "@safeconduct/contract";
import { accountFolder, openAccount } from "../account.ts";
import { durationMs, readWords } from "../arguments.ts";
import { ASKED_OPTIONS, readAsked } from "../asked-of-recipient.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { readRecipients } from "../named-recipients.ts";
import { openFiles, type Source } from "../outgoing-files.ts";
import { timeWords } from "../terminal.ts";
import { beginSending, forgetOld, holdSending, unfinishedFolder, unfinishedSendings } from "../unfinished-sendings.ts";
import { withRecoveryKey } from "./recovery.ts";
import { readLanguage } from "../wanted-language.ts";
import { demandOf, FACTOR_OPTIONS, readFactor, requireEnrolled } from "../wanted-factor.ts";
import { forgetSend, laterWords, resumeSend } from "./resume-sending.ts";
import { drawnPasscodes, progressOf, reportSent } from "./sent-report.ts";

const CAP_LIMIT = 1000;

export async function send(context: Context, args: readonly string[]): Promise<void> {
  const { terminal, now } = context;
  const { positionals, options } = readWords(args, {
    options: {
      to: "texts",
      purpose: "text",
      profile: "text",
      expires: "text",
      cap: "text",
      "not-before": "text",
      language: "text",
      ...FACTOR_OPTIONS,
      ...ASKED_OPTIONS,
      resume: "flag",
      forget: "flag",
    },
    positionals: { min: 0, max: 10_000 },
  });
  if (options.resume || options.forget) {
    // Everything else was said at the beginning; one word and no other option.
    if (
      args.some((word) => word.startsWith("-") && word !== "--resume" && word !== "--forget") ||
      (options.resume && options.forget)
    )
      throw cliProblem(
        "cli/usage",
        "--resume and --forget stand alone: files, recipients and terms are those of the beginning.",
      );
    return options.resume ? resumeSend(context, positionals) : forgetSend(context, positionals);
  }
  const purpose = purposeField.safeParse(options.purpose);
  if (!purpose.success)
    throw cliProblem(
      "cli/usage",
      `Say what it is for: --purpose with one of ${PURPOSES.map((code) => `${code} (${PURPOSE_WORDS[code]})`).join(", ")}.`,
    );
  const profile = profileField.safeParse(options.profile ?? "downloadable");
  if (!profile.success)
    throw cliProblem("cli/usage", "--profile can be: viewable (in the browser, not saved) or downloadable.");
  const recipients = readRecipients(options.to);
  const language = readLanguage(options.language);
  const lifeMs = readLife(options.expires) ?? DEFAULT_LIFE_MS[profile.data];
  const asked = readAsked(options, profile.data);
  const releaseCap = readCap(options.cap);
  const notBefore = readNotBefore(options["not-before"]);
  const wanted = await readFactor(options);
  const opened = await openAccount(context);
  const { account, ports: client } = opened;
  await requireEnrolled(
    client.api,
    wanted,
    recipients.map(({ address }) => address),
  );
  const device = await withRecoveryKey(context, opened);

  const set = await openFiles(positionals);
  try {
    const folder = unfinishedFolder(accountFolder(context.environment));
    await forgetOld(folder, now());
    const { sources } = set;
    await refuseBegun(folder, { sources, recipients });
    for (const { to } of set.renamed) terminal.say(`A file name that some systems cannot keep is sent as: ${to}`);
    const sending: Sending = {
      files: set.files,
      purpose: purpose.data,
      profile: profile.data,
      handling: options.public ? "public" : "regulated",
      recipients: recipients.map((recipient) => ({
        ...recipient,
        language,
        secondFactor: demandOf(wanted, client.crypto.random),
      })),
      notBefore,
      lifeMs,
      releaseCap,
      ...asked,
    };
    const passcodesDrawn = wanted.ownPasscode === null;
    const kept = beginSending(folder, { server: account.server, begunAt: now(), passcodesDrawn, sources });
    const ports = { ...client, now, origin: account.server, notes: kept.notes };
    try {
      const sent = await sendTransfer(ports, device, sending, progressOf(context));
      const passcodes = passcodesDrawn ? drawnPasscodes(sending.recipients) : new Map<string, string>();
      reportSent(terminal, sent, { files: set.files.length, passcodes });
      await kept.held()?.forget();
    } catch (error) {
      if (isPassing(error) && kept.held() !== null) terminal.say(laterWords(kept.held()?.kept?.begun.transfer));
      throw error;
    } finally {
      await kept.held()?.release();
    }
  } finally {
    await set.close();
  }
}

/** Nobody should send for an hour what is half there. The same files to somebody else are another matter. */
async function refuseBegun(
  folder: string,
  { sources, recipients }: { sources: readonly Source[]; recipients: readonly { address: string }[] },
): Promise<void> {
  const wanted = fingerprint(sources, recipients);
  for (const transfer of await unfinishedSendings(folder)) {
    const held = await holdSending(folder, transfer);
    if (held === null) continue;
    await held.release();
    if (held.kept !== null && fingerprint(held.kept.sources, held.kept.begun.recipients) === wanted)
      throw cliProblem(
        "cli/unfinished-sending",
        `These files were begun to be sent to the same recipients on ${timeWords(held.kept.begunAt)}. Go on with it: \`safeconduct send --resume ${transfer}\`. Or give it up: \`safeconduct send --forget ${transfer}\`.`,
      );
  }
}

const fingerprint = (sources: readonly Source[], recipients: readonly { address: string }[]): string =>
  JSON.stringify([
    sources.map(({ path }) => path).sort(),
    recipients.map(({ address }) => address.toLowerCase()).sort(),
  ]);

/** Null where nothing was said. The server checks it at the seal; nobody should upload for an hour to hear it then. */
export function readLife(text: string | undefined): number | null {
  if (text === undefined) return null;
  const lifeMs = durationMs(text, "--expires");
  if (lifeMs > LIMITS.grantLifeMs) throw cliProblem("cli/usage", "--expires can be 7d at the most.");
  return lifeMs;
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
