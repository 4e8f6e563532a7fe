/** `safeconduct open TRANSFER`: the member's own files again, from any of their devices. */
import { resolve } from "node:path";
import { openOwnTransfer } from "@safeconduct/client";
import { parseId, type TransferId } from "@safeconduct/foundation";
import { openAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { makeFolder } from "../incoming-files.ts";
import { countWords, savedWords, savePackage } from "../save-package.ts";

export async function open(context: Context, args: readonly string[]): Promise<void> {
  const { terminal } = context;
  const { positionals, options } = readWords(args, {
    options: { out: "text", "sealed-by-removed": "flag" },
    positionals: { min: 1, max: 1 },
  });
  const transfer = readTransfer(positionals[0]);
  const out = resolve(options.out ?? ".");
  await makeFolder(out);
  const { account, ports } = await openAccount(context);
  const own = { transfer, evenFromRemoved: options["sealed-by-removed"] };
  const { opened } = await openOwnTransfer(ports, account.device, own);
  const files = await savePackage({ terminal, crypto: ports.crypto }, out, opened);
  terminal.result({ files }, [...savedWords(files), `${countWords(files)} verified and saved.`]);
}

export function readTransfer(text: string | undefined): TransferId {
  const transfer = parseId("transfer", text ?? "");
  if (transfer === null) throw cliProblem("cli/usage", "Give the id of a transfer: `safeconduct status` shows them.");
  return transfer;
}
