/** `factor show` and `factor remove`: what a recipient's address has enrolled with the organisation. */
import { mailAddress } from "@safeconduct/contract";
import { openAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { enrolledKind } from "../wanted-factor.ts";

export async function factorShow(context: Context, args: readonly string[]): Promise<void> {
  const { positionals } = readWords(args, { options: {}, positionals: { min: 1, max: 1 } });
  const address = addressIn(positionals[0]);
  const { ports } = await openAccount(context);
  const { enrolled } = await ports.api.call("recipientFactors", { body: { address } });
  context.terminal.result({ address, enrolled }, [
    enrolled.length === 0
      ? `${address} has enrolled nothing with your organisation.`
      : `${address}: ${enrolled.join(", ")}`,
  ]);
}

export async function factorRemove(context: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, { options: { factor: "text" }, positionals: { min: 1, max: 1 } });
  const address = addressIn(positionals[0]);
  const factor = enrolledKind(options.factor);
  const { ports } = await openAccount(context);
  await ports.api.call("removeRecipientFactor", { body: { address, factor } });
  context.terminal.result({ address, removed: factor }, [
    `Removed. Links to ${address} that ask for it open no more: make a fresh one with \`safeconduct relink\`.`,
  ]);
}

function addressIn(text: string | undefined): string {
  const address = mailAddress.safeParse(text);
  if (!address.success) throw cliProblem("cli/usage", "Give the recipient's mail address.");
  return address.data;
}
