/** Whose word is taken for a log: the pinned key of the log, and the witnesses that somebody demands. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  COSIGNATURE_KEY,
  ED25519_KEY,
  type NoteKeyType,
  parsePolicy,
  parseVerifierKey,
  policyOfAll,
  type VerifiedSignature,
  type VerifierKey,
  type WitnessPolicy,
} from "@safeconduct/ledger";
import { accountFolder, readAccount } from "./account.ts";
import { cliProblem } from "./errors.ts";
import { timeWords } from "./terminal.ts";

export const TRUST_OPTIONS = { key: "text", witness: "texts", policy: "text" } as const;

/** `--key` for somebody else's log; otherwise the key that this device pinned at login. */
export async function pinnedLogKey(environment: NodeJS.ProcessEnv, given: string | undefined): Promise<VerifierKey> {
  if (given !== undefined) return verifierKeyOf(given, ED25519_KEY);
  const { ledgerVerifierKey } = await readAccount(accountFolder(environment));
  const key = parseVerifierKey(nodeCrypto().sha256, ledgerVerifierKey);
  if (key === null) throw cliProblem("cli/account-damaged");
  return key;
}

/** Every `--witness`, or the quorum of `--policy FILE`; nobody is demanded where neither is given. */
export async function demandedPolicy({
  witness,
  policy,
}: {
  witness: readonly string[];
  policy: string | undefined;
}): Promise<WitnessPolicy> {
  if (policy === undefined)
    return policyOfAll(await Promise.all(witness.map((text) => verifierKeyOf(text, COSIGNATURE_KEY))));
  if (witness.length > 0) throw cliProblem("cli/usage", "Either --witness or --policy, not both.");
  return parsePolicy(nodeCrypto().sha256, await textOf(policy));
}

/** A verifier key, or a file that holds one. Problems: `cli/usage`, `cli/unreadable-file`. */
export async function verifierKeyOf(text: string, type: NoteKeyType): Promise<VerifierKey> {
  const { sha256 } = nodeCrypto();
  const key = parseVerifierKey(sha256, text) ?? parseVerifierKey(sha256, (await textOf(text)).trim());
  if (key?.type !== type)
    throw cliProblem("cli/usage", `That is no verifier key of a ${type === ED25519_KEY ? "log" : "witness"}.`);
  return key;
}

/** Who saw what, for people. */
export function witnessWords(witnesses: readonly VerifiedSignature[], size: number): string[] {
  return witnesses.map(
    ({ key, timestamp }) =>
      `Witness ${key.name} saw the log at ${size} entries${timestamp === null ? "" : `, ${timeWords(timestamp * 1000)}`}.`,
  );
}

async function textOf(file: string): Promise<string> {
  return readFile(resolve(file), "utf8").catch(() => {
    throw cliProblem("cli/unreadable-file");
  });
}
