/** `status`, `revoke` and `certificate`: what a sender does with transfers that are on their way. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { holdReason, type transferAnswer } from "@safeconduct/contract";
import { canonicalJson, certificatePage, type JsonValue, parseCertificate } from "@safeconduct/ledger";
import type { z } from "zod";
import { accountFolder, readAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { sizeWords, timeWords } from "../terminal.ts";

type Transfer = z.output<typeof transferAnswer>;

const HOLD_REASONS = holdReason.options;

export async function status(
  { terminal, environment, signal, connect }: Context,
  args: readonly string[],
): Promise<void> {
  const { positionals } = readWords(args, { options: {}, positionals: { min: 0, max: 1 } });
  const account = await readAccount(accountFolder(environment));
  const { api } = connect(account.server, account.token);
  const [id] = positionals;
  if (id !== undefined) {
    const transfer = await api.call("transfer", { path: { transfer: id }, signal });
    terminal.result(transfer, words(transfer));
    return;
  }
  const { transfers, next } = await api.call("listTransfers", { signal });
  const lines = transfers.flatMap((transfer) => [...words(transfer), ""]);
  terminal.result(
    { transfers, next },
    lines.length > 0
      ? lines
      : ["Nothing was sent yet. `safeconduct send FILE --to ADDRESS --purpose TREAT` sends a file."],
  );
}

export async function revoke(
  { terminal, environment, signal, connect }: Context,
  args: readonly string[],
): Promise<void> {
  const { positionals, options } = readWords(args, { options: { recipient: "text" }, positionals: { min: 1, max: 1 } });
  const account = await readAccount(accountFolder(environment));
  const { api } = connect(account.server, account.token);
  const transfer = positionals[0] ?? "";
  if (options.recipient === undefined) {
    const after = await api.call("revokeTransfer", { path: { transfer }, signal });
    terminal.result(after, ["Every link of this transfer is closed.", ...words(after)]);
    return;
  }
  const { grants } = await api.call("transfer", { path: { transfer }, signal });
  const grant = grantOf(grants, options.recipient);
  const after = await api.call("revokeGrant", { path: { transfer, grant }, signal });
  terminal.result(after, ["This recipient's link is closed.", ...words(after)]);
}

/** `suspend` closes one recipient's link for now, `resume` opens it again. */
const turning =
  (route: "suspendGrant" | "resumeGrant", done: string) =>
  async ({ terminal, environment, signal, connect }: Context, args: readonly string[]): Promise<void> => {
    const { positionals, options } = readWords(args, {
      options: { recipient: "text" },
      positionals: { min: 1, max: 1 },
    });
    if (options.recipient === undefined) throw cliProblem("cli/usage", "Say whose link: --recipient ADDRESS.");
    const account = await readAccount(accountFolder(environment));
    const { api } = connect(account.server, account.token);
    const transfer = positionals[0] ?? "";
    const { grants } = await api.call("transfer", { path: { transfer }, signal });
    const after = await api.call(route, { path: { transfer, grant: grantOf(grants, options.recipient) }, signal });
    terminal.result(after, [done, ...words(after)]);
  };

export const suspend = turning("suspendGrant", "This recipient's link is closed for now. Its time runs on.");
export const resume = turning("resumeGrant", "This recipient's link is open again.");

/** `hold TRANSFER --reason-code CODE` places one, `--lift` with or without a reason lifts that one or all. */
export async function hold(
  { terminal, environment, signal, connect }: Context,
  args: readonly string[],
): Promise<void> {
  const { positionals, options } = readWords(args, {
    options: { "reason-code": "text", lift: "flag" },
    positionals: { min: 1, max: 1 },
  });
  const code = options["reason-code"];
  const reason = HOLD_REASONS.find((known) => known === code) ?? null;
  if (reason === null && (code !== undefined || !options.lift))
    throw cliProblem("cli/usage", `--reason-code takes one of ${HOLD_REASONS.join(", ")}.`);
  const account = await readAccount(accountFolder(environment));
  const { api } = connect(account.server, account.token);
  const transfer = positionals[0] ?? "";
  if (options.lift) {
    const after = await api.call("liftHold", { path: { transfer }, body: { reason }, signal });
    const left = after.holds.length > 0 ? "Lifted. Another hold stands." : "Lifted. What was due is destroyed now.";
    terminal.result(after, [left, ...words(after)]);
    return;
  }
  if (reason === null) throw cliProblem("cli/usage");
  const after = await api.call("placeHold", { path: { transfer }, body: { reason }, signal });
  terminal.result(after, ["Held: nothing of it is destroyed until the hold is lifted.", ...words(after)]);
}

function grantOf(grants: Transfer["grants"], recipient: string): string {
  const wanted = recipient.trim().toLowerCase();
  const grant = grants.find(({ id, address }) => id === wanted || address.toLowerCase() === wanted);
  if (grant === undefined)
    throw cliProblem("cli/usage", "This transfer has no such recipient. `safeconduct status` shows them.");
  return grant.id;
}

/** Final, so it wants a word: `--yes`. */
export async function erase(
  { terminal, environment, signal, connect }: Context,
  args: readonly string[],
): Promise<void> {
  const { positionals, options } = readWords(args, { options: { yes: "flag" }, positionals: { min: 1, max: 1 } });
  if (!options.yes)
    throw cliProblem(
      "cli/usage",
      "This erases who was involved in the transfer, for ever; the proofs stay. Save the certificate first if you need the names, then add --yes.",
    );
  const account = await readAccount(accountFolder(environment));
  const { api } = connect(account.server, account.token);
  const after = await api.call("eraseTransfer", { path: { transfer: positionals[0] ?? "" }, signal });
  terminal.result(after, ["Names, addresses and details of this transfer are erased.", ...words(after)]);
}

/** The certificate goes to standard output, to --out FILE, or as a page for people to --html FILE. */
export async function certificate(
  { terminal, environment, signal, connect }: Context,
  args: readonly string[],
): Promise<void> {
  const { positionals, options } = readWords(args, {
    options: { out: "text", html: "text" },
    positionals: { min: 1, max: 1 },
  });
  const account = await readAccount(accountFolder(environment));
  const { api } = connect(account.server, account.token);
  const document = await api.call("certificate", { path: { transfer: positionals[0] ?? "" }, signal });
  const text = canonicalJson(document as JsonValue);
  const written: { out?: string; html?: string } = {};
  if (options.out !== undefined) written.out = await writeCertificate(options.out, `${text}\n`);
  if (options.html !== undefined)
    written.html = await writeCertificate(options.html, certificatePage(parseCertificate(text)));
  const names = Object.values(written);
  if (names.length === 0) terminal.result(document, [text]);
  else
    terminal.result(
      written,
      names.map((name) => `Certificate written to ${name}`),
    );
}

async function writeCertificate(name: string, text: string): Promise<string> {
  const path = resolve(name);
  await writeFile(path, text).catch(() => {
    throw cliProblem("cli/unwritable-folder", "The certificate cannot be written there.");
  });
  return path;
}

function problemWords({ kind, reportedAt, settledAt }: NonNullable<Transfer["grants"][number]["problem"]>): string {
  if (settledAt === null) return `REPORTS A PROBLEM (${kind}) ${timeWords(reportedAt)}`;
  return `reported a problem (${kind}) ${timeWords(reportedAt)}, dealt with ${timeWords(settledAt)}`;
}

function words({ id, state, blobLengthBytes, createdAt, grants, holds }: Transfer): string[] {
  return [
    `${id}  ${state}  ${sizeWords(blobLengthBytes)}  begun ${timeWords(createdAt)}`,
    ...holds.map(
      ({ reason, placedAt }) =>
        `  held since ${timeWords(placedAt)} (${reason}): kept, and what has ended nobody can open`,
    ),
    ...grants.map(
      ({
        address,
        organisation,
        state: grantState,
        notAfter,
        releases,
        releaseCap,
        receiptAt,
        closesAt,
        conditions,
        termsAcceptedAt,
        deletionAttestedAt,
        problem,
        suspendedAt,
        codeUndeliveredAt,
        locked,
        destroyedAt,
      }) => {
        const opened = `opened ${releases}${releaseCap > 0 ? ` of ${releaseCap}` : ""} time${releases === 1 && releaseCap === 0 ? "" : "s"}`;
        const lost = codeUndeliveredAt === null ? "" : `, CODE NOT DELIVERED ${timeWords(codeUndeliveredAt)}`;
        const shut = locked ? ", LOCKED after too many wrong passcodes" : "";
        const receipt = receiptAt === null ? "" : `, receipt ${timeWords(receiptAt)}`;
        const asked = conditions === null || termsAcceptedAt !== null ? "" : ", terms not accepted yet";
        const deleted = deletionAttestedAt === null ? "" : `, says copies deleted ${timeWords(deletionAttestedAt)}`;
        const told = problem === null ? "" : `, ${problemWords(problem)}`;
        const closed = suspendedAt === null ? "" : ", SUSPENDED";
        const gone = destroyedAt === null ? "" : `, key destroyed ${timeWords(destroyedAt)}`;
        const where = organisation === null ? "" : ` (${organisation})`;
        return `  ${address === "" ? "(erased)" : address}${where}  ${grantState}, until ${timeWords(closesAt ?? notAfter)}, ${opened}${closed}${asked}${receipt}${deleted}${told}${lost}${shut}${gone}`;
      },
    ),
  ];
}
