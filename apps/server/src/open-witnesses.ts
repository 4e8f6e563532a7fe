/** Witnesses of the main ledger: from the operator's policy file (C2SP tlog-policy) to rounds that ask its addresses. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type CryptoPorts, isProblem } from "@safeconduct/foundation";
import { parsePolicy, policyOfAll, type WitnessPolicy } from "@safeconduct/ledger";
import { noteFile, WITNESSED_FILE } from "@safeconduct/ledger-fs";
import { EXIT, StartFailure } from "./exit.ts";
import type { Log } from "./log.ts";
import type { OpenedLedger } from "./open-ledger.ts";
import { startWitnessRounds, type WitnessRounds } from "./witness-rounds.ts";

/** Without a policy file nobody is asked and the log is served as it is. Throws {@link StartFailure}. */
export async function openWitnesses(
  policyFile: string | null,
  ports: {
    ledger: Pick<OpenedLedger, "signer" | "tiles" | "writer" | "watch">;
    /** Of the log. */
    folder: string;
    crypto: CryptoPorts;
    clock: Clock;
    log: Log;
  },
): Promise<WitnessRounds> {
  const { ledger, folder, crypto, clock, log } = ports;
  const { signer, tiles, writer } = ledger;
  const policy = policyFile === null ? policyOfAll([]) : await readPolicy(policyFile, crypto);
  try {
    const rounds = await startWitnessRounds({
      policy,
      logKey: signer.key,
      first: { checkpoint: writer.checkpoint, text: writer.checkpointText },
      readTile: (path) => tiles.readTile(path),
      file: noteFile(join(folder, WITNESSED_FILE)),
      crypto,
      clock,
      log,
    });
    ledger.watch((checkpoint, text) => rounds.published(checkpoint, text));
    return rounds;
  } catch (error) {
    if (isProblem(error) && error.code.startsWith("ledger/")) throw new StartFailure(EXIT.damaged, error.message);
    throw error;
  }
}

async function readPolicy(path: string, { sha256 }: Pick<CryptoPorts, "sha256">): Promise<WitnessPolicy> {
  try {
    const policy = parsePolicy(sha256, await readFile(path, "utf8"));
    const urls = policy.witnesses.flatMap(({ url }) => (url === null ? [] : [url]));
    if (urls.length > 0 && urls.every(isWitnessUrl)) return policy;
  } catch (error) {
    if (isProblem(error)) throw new StartFailure(EXIT.usage, `The file ${path}: ${error.message}`);
  }
  throw new StartFailure(
    EXIT.usage,
    `The file ${path} cannot be read, or names no witness with an http or https address: witness NAME KEY URL.`,
  );
}

function isWitnessUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && username + password + search + hash === "";
}
