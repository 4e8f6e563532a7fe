/** `--to`: whom something is for, as a person writes it. */
import type { Recipient } from "@safeconduct/client";
import { displayName, LIMITS, mailAddress } from "@safeconduct/contract";
import { cliProblem } from "./errors.ts";

/** An address without its recipient's second factor, which is decided for all of them. */
export type NamedRecipient = Required<Pick<Recipient, "address" | "name" | "organisation">>;

/** Problem `cli/usage`. */
export function readRecipients(addresses: readonly string[]): readonly NamedRecipient[] {
  if (addresses.length === 0) throw cliProblem("cli/usage", "Say who gets it: --to ADDRESS, once for each recipient.");
  const recipients = addresses.map((text) => {
    // "Anna Lind (St. Mary's Hospital) <anna@example.org>", without the organisation, or the address alone.
    const match = /^([^<>()]*)(?:\(([^<>()]*)\)\s*)?<([^<>]+)>$/.exec(text.trim());
    const address = mailAddress.safeParse(match?.[3] ?? text);
    if (!address.success) throw cliProblem("cli/usage", "A --to is not a mail address.");
    return { address: address.data, name: nameOrNull(match?.[1]), organisation: nameOrNull(match?.[2]) };
  });
  if (new Set(recipients.map(({ address }) => address.toLowerCase())).size !== recipients.length)
    throw cliProblem("cli/usage", "The same recipient is named twice. Each recipient gets one link of their own.");
  if (recipients.length > LIMITS.recipientsPerTransfer)
    throw cliProblem("cli/usage", `One transfer goes to ${LIMITS.recipientsPerTransfer} recipients at the most.`);
  return recipients;
}

/** Problem `cli/usage` for what is there and is no name of one line. */
function nameOrNull(text = ""): string | null {
  if (text.trim() === "") return null;
  const name = displayName().safeParse(text);
  if (name.success) return name.data;
  throw cliProblem("cli/usage", "A name or organisation in --to has one line of at most 120 characters.");
}
