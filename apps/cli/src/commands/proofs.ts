/** `certificate verify`: offline, with no trust in the server beyond the key that this device has pinned. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  type Certificate,
  CERTIFICATE_LIMIT_CHARACTERS,
  CERTIFICATE_PAGE_LIMIT_CHARACTERS,
  certificatePage,
  certificateTextIn,
  parseCertificate,
  verifyCertificate,
} from "@safeconduct/ledger";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { demandedPolicy, pinnedLogKey, TRUST_OPTIONS, witnessWords } from "../log-trust.ts";
import { timeWords } from "../terminal.ts";

/** Offline: the file and the pinned key are all that is needed. */
export async function verifyCertificateCommand(
  { terminal, environment }: Context,
  args: readonly string[],
): Promise<void> {
  const { positionals, options } = readWords(args, { options: TRUST_OPTIONS, positionals: { min: 1, max: 1 } });
  const text = await readFile(resolve(positionals[0] ?? ""), "utf8").catch(() => {
    throw cliProblem("cli/unreadable-file");
  });
  const certificate = certificateIn(text);
  const { sha256, signatures } = nodeCrypto();
  const verdict = await verifyCertificate({ sha256, signatures }, certificate, {
    logKey: await pinnedLogKey(environment, options.key),
    policy: await demandedPolicy(options),
  });
  if (!verdict.ok) throw cliProblem("cli/not-verified", `The certificate does not hold: ${verdict.failure}.`);
  terminal.result(
    {
      valid: true,
      transfer: certificate.transfer,
      transferProven: verdict.transferProven,
      witnesses: verdict.witnesses.map(({ key, timestamp }) => ({ name: key.name, at: timestamp })),
      entries: verdict.entries.map(({ index, event }) => ({ index, event })),
    },
    [
      verdict.transferProven
        ? `The certificate holds. Transfer ${certificate.transfer}, ${certificate.entries.length} entries:`
        : `The certificate holds. ${certificate.entries.length} entries of one transfer; that it is ${certificate.transfer} can no longer be proven, because it was erased:`,
      ...certificate.entries.map(({ index, event }) => `  #${index}  ${event === null ? "erased" : eventWords(event)}`),
      ...witnessWords(verdict.witnesses, verdict.checkpoint.size),
    ],
  );
}

const eventWords = (event: { readonly [key: string]: unknown }): string =>
  `${typeof event["at"] === "number" ? timeWords(event["at"]) : ""}  ${String(event["type"])}${event["outcome"] === "done" ? "" : ` (${String(event["outcome"])})`}`;

/** A certificate, or the page that was made of one. The words of a page must be those that its certificate gives. */
function certificateIn(text: string): Certificate {
  if (!/^<!doctype html>/i.test(text)) return parseCertificate(text.slice(0, CERTIFICATE_LIMIT_CHARACTERS + 1));
  const inside = text.length <= CERTIFICATE_PAGE_LIMIT_CHARACTERS ? certificateTextIn(text) : null;
  const certificate = parseCertificate(inside ?? "");
  if (certificatePage(certificate) !== text)
    throw cliProblem(
      "cli/not-verified",
      "This page does not say what the certificate inside it says: it was changed, or made by another version. Take nothing from its words; make the page anew from the certificate.",
    );
  return certificate;
}
