/** `safeconduct send --resume [TRANSFER]` and `send --forget [TRANSFER]`: what becomes of a sending whose command was ended. */
import { isPassing, resumeSending } from "@safeconduct/client";
import { isProblem, parseId, type TransferId } from "@safeconduct/foundation";
import { accountFolder, openAccount, readAccount } from "../account.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { reopenFiles } from "../outgoing-files.ts";
import { type HeldSending, holdSending, unfinishedFolder, unfinishedSendings } from "../unfinished-sendings.ts";
import { drawnPasscodes, progressOf, reportSent } from "./sent-report.ts";

export async function resumeSend(context: Context, words: readonly string[]): Promise<void> {
  const { terminal, environment, now } = context;
  const { account, ports: client } = await openAccount(context);
  const folder = unfinishedFolder(accountFolder(environment));
  const held = await chosen(folder, words);
  try {
    const { kept } = held;
    if (kept === null) {
      await held.forget();
      throw cliProblem("cli/nothing-to-resume");
    }
    // Its secrets are for that server's key service alone.
    if (kept.server !== account.server)
      throw cliProblem("cli/nothing-to-resume", "That sending went to another server. Log in there to go on with it.");
    const set = await reopenFiles(kept.sources);
    try {
      const { notes } = held;
      const sent = await resumeSending({ ...client, now, origin: account.server, notes }, account.device, {
        unfinished: { ...kept, read: set.read },
        progress: progressOf(context),
      });
      const passcodes = kept.passcodesDrawn ? drawnPasscodes(kept.begun.recipients) : new Map<string, string>();
      reportSent(terminal, sent, { files: kept.sources.length, passcodes });
      await held.forget();
    } finally {
      await set.close();
    }
  } catch (error) {
    if (isPassing(error)) terminal.say(laterWords(held.kept?.begun.transfer));
    throw error;
  } finally {
    await held.release();
  }
}

export const laterWords = (transfer: TransferId | undefined): string =>
  `What was sent so far is kept for a day: \`safeconduct send --resume ${transfer ?? ""}\` goes on with it.`;

/** The draft is given up at the server too; where that cannot be reached it does so by itself within a day. */
export async function forgetSend(
  { terminal, environment, signal, connect }: Context,
  words: readonly string[],
): Promise<void> {
  const home = accountFolder(environment);
  const account = await readAccount(home);
  const held = await chosen(unfinishedFolder(home), words);
  try {
    const { kept } = held;
    const transfer = kept?.begun.transfer;
    let code: string | null = null;
    if (kept !== null && transfer !== undefined && kept.server === account.server) {
      const { api } = connect(account.server, account.token);
      code = await api.call("abandonTransfer", { path: { transfer }, signal }).then(
        () => null,
        (error: unknown) => {
          if (isProblem(error)) return error.code;
          throw error;
        },
      );
    }
    await held.forget();
    const isSealed = code === "transfer/not-draft" && kept !== null && kept.seal !== null;
    terminal.result({ transfer: transfer ?? null, forgotten: true }, [
      "Forgotten: the keys of that sending are removed from this device.",
      isSealed
        ? "It may have been sealed already; `safeconduct revoke` closes it."
        : "Nothing of it is open to anybody; the server deletes what it has of it.",
    ]);
  } finally {
    await held.release();
  }
}

/** The one that is named, or the only one. */
async function chosen(folder: string, words: readonly string[]): Promise<HeldSending> {
  const all = await unfinishedSendings(folder);
  const named = words[0] === undefined ? undefined : parseId("transfer", words[0]);
  if (words.length > 1 || named === null) throw cliProblem("cli/usage");
  if (named === undefined && all.length > 1)
    throw cliProblem("cli/usage", `Say which one: ${all.slice(0, 20).join(", ")}`);
  const transfer = named ?? all[0];
  if (transfer === undefined || !all.includes(transfer)) throw cliProblem("cli/nothing-to-resume");
  const held = await holdSending(folder, transfer);
  if (held === null) throw cliProblem("cli/sending-runs");
  return held;
}
