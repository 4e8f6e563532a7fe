/** `recovery-cards` and `recover`: the organisation's way back to a transfer whose sender has lost every device. Two people, two cards. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  acceptRecoveryKey,
  approveRecovery,
  askRecovery,
  isCeremonyOpen,
  type MadeCards,
  makeRecoveryCards,
  openRecovered,
  type ReadCards,
  recoveryFingerprint,
  type SendingDevice,
  showRecovery,
  syncRecoveryKey,
} from "@safeconduct/client";
import { CARDS_LIMIT, CARDS_MINIMUM } from "@safeconduct/envelope";
import { parseId } from "@safeconduct/foundation";
import { keepDevice, openAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { makeFolder } from "../incoming-files.ts";
import { countWords, savedWords, savePackage } from "../save-package.ts";
import { newSecretFile, type SecretFile } from "../secret-file.ts";
import { timeWords } from "../terminal.ts";
import { readTransfer } from "./open.ts";

const DEFAULT_COUNT = 3;
/** Two cards, a line each, and room for what people write beside them. */
const CARDS_FILE_LIMIT_BYTES = 4096;

/** Makes cards (to standard output, or a file each in --out), or takes the key that somebody else has set (--accept). */
export async function recoveryCards(context: Context, args: readonly string[]): Promise<void> {
  const { options } = readWords(args, {
    options: { count: "text", out: "text", accept: "text" },
    positionals: { min: 0, max: 0 },
  });
  if (options.accept !== undefined) return accept(context, options.accept);
  const count = readCount(options.count);
  const { terminal } = context;
  // The files are there before the key is: cards that cannot be written must not replace cards that exist.
  const files = options.out === undefined ? [] : await cardFiles(resolve(options.out), count);
  let paper: readonly string[] = [];
  const keep = async (made: MadeCards) => {
    const fingerprint = fingerprintOf(made.device);
    paper = made.cards.map((card, index) => cardText({ number: index + 1, count, card, fingerprint }));
    for (const [index, { file }] of files.entries()) await file.write(`${paper[index]}\n`);
  };
  const made = async () => {
    const { account, ports } = await openAccount(context);
    const { device, cards } = await makeRecoveryCards(ports, account.device, { count, keep });
    await keepDevice(context, account, device);
    return { fingerprint: fingerprintOf(device), cards };
  };
  const { fingerprint, cards } = await made().catch(async (error: unknown) => {
    if (paper.length > 0 && isCeremonyOpen(error)) {
      terminal.say("The server did not answer, so this key may be set or not. Keep these cards until you know.");
      if (files.length === 0) terminal.say(paper.join("\n\n"));
    } else for (const { file } of files) await file.discard();
    throw error;
  });
  const where = files.map(({ path }) => path);
  terminal.result({ fingerprint, ...(files.length > 0 ? { files: where } : { cards }) }, [
    `Recovery key made, on ${count} cards. Any two of them, and two people, bring back what is sent from now on.`,
    "Print them, give each to another person, and delete the files. One card alone opens nothing. They are shown only now;",
    "what was sent before stays with the cards of before.",
    "",
    ...(files.length > 0 ? where : paper.flatMap((text) => [text, ""])),
    `Fingerprint, for other devices (safeconduct recovery-cards --accept): ${fingerprint}`,
  ]);
}

async function accept(context: Context, fingerprint: string): Promise<void> {
  const { account, ports } = await openAccount(context);
  const device = await acceptRecoveryKey(ports, account.device, fingerprint);
  await keepDevice(context, account, device);
  context.terminal.result({ fingerprint: fingerprintOf(device) }, [
    "This device now seals what it sends to that recovery key too.",
  ]);
}

/** `recover TRANSFER`: asks, and once approved opens. `recover --approve REQUEST`: the second person. */
export async function recover(context: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, {
    options: { approve: "text", out: "text", "cards-file": "text" },
    positionals: { min: 0, max: 1 },
  });
  if (options.approve !== undefined) return approve(context, options.approve);
  const { terminal } = context;
  const transfer = readTransfer(positionals[0]);
  const { account, ports } = await openAccount(context);
  const { recovery, isApproved, expiresAt } = await askRecovery(ports, account.device, transfer);
  if (!isApproved) {
    terminal.result({ recovery, isApproved, expiresAt }, [
      `Recovery ${recovery} is asked for, until ${timeWords(expiresAt)}. A second person approves it on their device:`,
      `  safeconduct recover --approve ${recovery}`,
      "Then run this command again, with two cards at hand.",
    ]);
    return;
  }
  const out = resolve(options.out ?? ".");
  await makeFolder(out);
  const readCards = options["cards-file"] === undefined ? askForCards(context) : cardsIn(options["cards-file"]);
  const { opened, isOwnSeal } = await openRecovered(ports, account.device, { recovery, transfer, readCards });
  const files = await savePackage({ terminal, crypto: ports.crypto }, out, opened);
  terminal.result({ recovery, files, isOwnSeal }, [
    ...savedWords(files),
    `${countWords(files)} saved.`,
    ...(isOwnSeal
      ? []
      : [
          "Attention: no device of yours that is in now sealed these files, so nothing but the server says who sent them.",
          "Compare them with what you expect before you use them.",
        ]),
  ]);
}

async function approve(context: Context, text: string): Promise<void> {
  const recovery = parseId("recovery", text);
  if (recovery === null) throw cliProblem("cli/usage", "Give the id of a recovery: whoever asks for it has it.");
  const { account, ports } = await openAccount(context);
  const asked = await showRecovery(ports, account.device, recovery);
  context.terminal.say(
    `${asked.member.name} asks on "${asked.device.name}" to bring back transfer ${asked.transfer}, sent by somebody of your organisation.`,
  );
  await approveRecovery(ports, account.device, asked);
  context.terminal.result({ approved: recovery, transfer: asked.transfer }, [
    "Approved. It is good for one release, within the day that the request lives; both of you are in its certificate.",
  ]);
}

function readCount(text: string | undefined): number {
  const count = text === undefined ? DEFAULT_COUNT : Number(text);
  if (!Number.isInteger(count) || count < CARDS_MINIMUM || count > CARDS_LIMIT)
    throw cliProblem("cli/usage", `--count takes a number from ${CARDS_MINIMUM} to ${CARDS_LIMIT}.`);
  return count;
}

async function cardFiles(folder: string, count: number): Promise<readonly { path: string; file: SecretFile }[]> {
  await makeFolder(folder);
  const files: { path: string; file: SecretFile }[] = [];
  try {
    for (let number = 1; number <= count; number++) {
      const path = join(folder, `recovery-card-${number}.txt`);
      files.push({ path, file: await newSecretFile(path) });
    }
  } catch (error) {
    for (const { file } of files) await file.discard();
    throw error;
  }
  return files;
}

const cardText = ({
  number,
  count,
  card,
  fingerprint,
}: {
  number: number;
  count: number;
  card: string;
  fingerprint: string;
}) =>
  [
    `Safeconduct recovery card ${number} of ${count}`,
    "",
    `  ${card}`,
    "",
    "Any two cards of this key open what its organisation sent. Keep them apart.",
    `Key ${fingerprint}`,
  ].join("\n");

function fingerprintOf({ recoveryKey }: SendingDevice): string {
  if (!recoveryKey) throw new Error("the device has just pinned a recovery key");
  return recoveryFingerprint(recoveryKey);
}

const askForCards =
  ({ terminal }: Context): ReadCards =>
  async (wrong) => {
    if (wrong !== null) terminal.say(wrong.message);
    return [await terminal.ask("One card: ", { secret: true }), await terminal.ask("Another card: ", { secret: true })];
  };

/** Two lines, one for each card; tried once. Also whole card files, one after the other: other lines are left out. */
const cardsIn =
  (path: string): ReadCards =>
  async (wrong) => {
    if (wrong !== null) throw wrong;
    const text = await readFile(path).catch(() => {
      throw cliProblem("cli/unreadable-file");
    });
    if (text.length > CARDS_FILE_LIMIT_BYTES) throw cliProblem("cli/unreadable-file");
    const lines = text
      .toString("utf8")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => /^(?:[0-9A-Za-z]{8}-){7}[0-9A-Za-z]{8}$/.test(line));
    return [lines[0] ?? "", lines[1] ?? ""];
  };

/** For whoever sends: the device with the organisation's recovery key of now. */
export async function withRecoveryKey(
  context: Context,
  { account, ports }: Awaited<ReturnType<typeof openAccount>>,
): Promise<SendingDevice> {
  const device = await syncRecoveryKey(ports, account.device);
  if (device !== account.device) await keepDevice(context, account, device);
  return device;
}
