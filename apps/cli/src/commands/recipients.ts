/** `add` and `relink`: another recipient of what was sent, or a fresh link for one, without uploading again. */
import { addRecipient, type AddedRecipient } from "@safeconduct/client";
import type { Language } from "@safeconduct/contract";
import { type GrantId, parseId } from "@safeconduct/foundation";
import { openAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import { ASKED_OPTIONS, type AskedOfRecipients, readAsked } from "../asked-of-recipient.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { type NamedRecipient, readRecipients } from "../named-recipients.ts";
import { timeWords } from "../terminal.ts";
import { readLanguage } from "../wanted-language.ts";
import { demandOf, FACTOR_OPTIONS, readFactor, requireEnrolled } from "../wanted-factor.ts";
import { readTransfer } from "./open.ts";
import { readCap, readLife } from "./send.ts";

const OPTIONS = {
  expires: "text",
  cap: "text",
  language: "text",
  ...FACTOR_OPTIONS,
  ...ASKED_OPTIONS,
  "sealed-by-removed": "flag",
} as const;

export async function add(context: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, {
    options: { ...OPTIONS, to: "texts" },
    positionals: { min: 1, max: 1 },
  });
  const [recipient, ...others] = readRecipients(options.to);
  if (recipient === undefined || others.length > 0) throw cliProblem("cli/usage", "Add one recipient at a time.");
  await grantAccess(context, { transfer: positionals[0], options, recipient, replaces: null });
}

export async function relink(context: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, { options: OPTIONS, positionals: { min: 2, max: 2 } });
  const { ports } = await openAccount(context);
  const wanted = (positionals[1] ?? "").trim().toLowerCase();
  const { grants } = await ports.api.call("transfer", { path: { transfer: positionals[0] ?? "" } });
  // The newest of that address: earlier ones may have ended.
  const grant = grants.findLast(({ id, address }) => id === wanted || address.toLowerCase() === wanted);
  const replaces = parseId("grant", grant?.id ?? "");
  if (grant === undefined || replaces === null)
    throw cliProblem("cli/usage", "This transfer has no such recipient. `safeconduct status` shows them.");
  const { address, name, organisation, language, closesOnReceipt, conditions } = grant;
  const recipient = { address, name, organisation };
  // What was asked with the link before is asked with the fresh one, unless something else is said.
  const before = { closesOnReceipt, conditions, language };
  await grantAccess(context, { transfer: positionals[0], options, recipient, replaces, before });
}

interface Wish {
  readonly transfer: string | undefined;
  readonly options: ReturnType<typeof readWords<typeof OPTIONS>>["options"];
  readonly recipient: NamedRecipient;
  readonly replaces: GrantId | null;
  readonly before?: AskedOfRecipients & { readonly language: Language | null };
}

async function grantAccess(
  context: Context,
  { transfer: text, options, recipient, replaces, before }: Wish,
): Promise<void> {
  const transfer = readTransfer(text);
  const lifeMs = readLife(options.expires);
  const { language: languageBefore = null, ...askedBefore } = before ?? {};
  const asked = readAsked(options, null) ?? askedBefore;
  const language = readLanguage(options.language) ?? languageBefore;
  const releaseCap = readCap(options.cap);
  const wanted = await readFactor(options);
  const { account, ports: client } = await openAccount(context);
  const ports = { ...client, now: context.now, origin: account.server };
  await requireEnrolled(ports.api, wanted, [recipient.address]);
  const secondFactor = demandOf(wanted, ports.crypto.random);
  const added = await addRecipient(ports, account.device, {
    transfer,
    recipient: { ...recipient, language, secondFactor },
    notBefore: 0,
    ...(lifeMs === null ? {} : { lifeMs }),
    releaseCap,
    ...asked,
    replaces,
    evenFromRemoved: options["sealed-by-removed"],
  });
  const isTold = secondFactor?.kind === "passcode" && wanted.ownPasscode === null;
  report(context, { ...added, ...(isTold ? { passcode: secondFactor.passcode } : {}) });
}

function report({ terminal }: Context, added: AddedRecipient & { readonly passcode?: string }): void {
  terminal.result(added, [
    `A new link, open until ${timeWords(added.notAfter)}:`,
    "",
    `  ${added.address}`,
    `  ${added.link}`,
    ...(added.passcode === undefined ? [] : [`  passcode: ${added.passcode}`]),
    "",
    "It is shown only now; the server does not know it. A passcode goes another way than the link.",
  ]);
}
