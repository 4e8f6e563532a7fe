/** `witness`: watches logs of others (C2SP tlog-witness) and cosigns what only grows. Run it where the log's operator has no hand. */
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { AddressInfo, Server } from "node:net";
import { resolve } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  COSIGNATURE_KEY,
  ED25519_KEY,
  formatSignerFile,
  formatVerifierKey,
  isKeyName,
  makeVerifierKey,
  type NoteSigner,
  parseSignerFile,
  Witness,
  type WitnessAnswer,
} from "@safeconduct/ledger";
import { openWitnessFolder } from "@safeconduct/ledger-fs";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { verifierKeyOf } from "../log-trust.ts";
import { witnessServer } from "../witness-server.ts";

const DEFAULT_ADDRESS = "127.0.0.1:8401";

/** Runs until Ctrl-C. Problems: `cli/usage`, `cli/unreadable-file`, `cli/cannot-listen`, `store/already-open`, `ledger/foreign-checkpoint`. */
export async function witness({ terminal, signal, now }: Context, args: readonly string[]): Promise<void> {
  const { options } = readWords(args, {
    options: { log: "texts", key: "text", state: "text", listen: "text" },
    positionals: { min: 0, max: 0 },
  });
  if (options.key === undefined || options.state === undefined || options.log.length === 0)
    throw cliProblem("cli/usage", "A witness needs --key FILE, --state FOLDER and at least one --log KEY.");
  const { host, port } = addressOf(options.listen ?? DEFAULT_ADDRESS);
  const signer = await readSigner(options.key);
  const logs = await Promise.all(options.log.map((text) => verifierKeyOf(text, ED25519_KEY)));
  if (new Set(logs.map(({ name }) => name)).size < logs.length)
    throw cliProblem("cli/usage", "Two of these keys are of the same log.");
  const folder = resolve(options.state);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {
    throw cliProblem("cli/unwritable-folder", "That state folder cannot be written.");
  });
  // Only here, because no other command needs a database.
  const { lockFolder } = await import("@safeconduct/sqlite");
  const lock = lockFolder(folder);
  try {
    const memory = await openWitnessFolder(folder);
    const { sha256, signatures } = nodeCrypto();
    const judge = await Witness.open({ sha256, signatures, logs, signer, memory, clock: { now } });
    const server = witnessServer(judge, (answer) => {
      const words = wordsOf(answer);
      if (words !== null) terminal.say(words);
    });
    await listen(server, host, port);
    const address = server.address() as AddressInfo;
    const url = `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}/`;
    const verifierKey = formatVerifierKey(signer.key);
    terminal.result({ url, verifierKey, logs: logs.map(({ name }) => name) }, [
      `Witness ${signer.key.name} at ${url}`,
      `Line for a policy file: witness ${signer.key.name} ${verifierKey} ${url}`,
      "Press Ctrl-C to stop.",
    ]);
    if (!signal.aborted) await once(signal, "abort");
    server.close();
    server.closeAllConnections();
  } finally {
    lock.release();
  }
}

/** Makes a key that nobody has yet; never overwrites one. */
export async function witnessKey({ terminal }: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, { options: { key: "text" }, positionals: { min: 1, max: 1 } });
  const [name = ""] = positionals;
  if (options.key === undefined) throw cliProblem("cli/usage", "Where should the key be kept? --key FILE");
  if (!isKeyName(name))
    throw cliProblem("cli/usage", "A witness's name has no spaces and no +, like witness.example/w1.");
  const { sha256, signatures } = nodeCrypto();
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  const key = makeVerifierKey(sha256, { name, type: COSIGNATURE_KEY, publicKey });
  await writeFile(resolve(options.key), formatSignerFile({ key, privateKey }), { mode: 0o600, flag: "wx" }).catch(
    () => {
      throw cliProblem(
        "cli/unwritable-folder",
        "The key cannot be written there, or a file of that name exists already.",
      );
    },
  );
  terminal.result({ verifierKey: formatVerifierKey(key) }, [formatVerifierKey(key)]);
}

async function readSigner(file: string): Promise<NoteSigner> {
  const signer = parseSignerFile(nodeCrypto().sha256, await textOf(file));
  if (signer?.key.type !== COSIGNATURE_KEY) throw cliProblem("cli/usage", "That file holds no key of a witness.");
  return signer;
}

async function textOf(file: string): Promise<string> {
  return readFile(resolve(file), "utf8").catch(() => {
    throw cliProblem("cli/unreadable-file");
  });
}

/** `127.0.0.1:8401`, `[::1]:8401`, `localhost:0`. */
function addressOf(text: string): { host: string; port: number } {
  const [, bracketed, plain, portText = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const port = Number(portText);
  const host = bracketed ?? plain;
  if (host === undefined || portText === "" || port > 65_535)
    throw cliProblem("cli/usage", "--listen takes an address and a port: 127.0.0.1:8401.");
  return { host, port };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  await once(server, "listening").catch(() => {
    throw cliProblem("cli/cannot-listen");
  });
}

/** What its operator should see. Requests that anybody could send with any content are passed over in silence. */
function wordsOf(answer: WitnessAnswer | null): string | null {
  if (answer === null) return "The state folder cannot be written: nothing is cosigned.";
  switch (answer.kind) {
    case "cosigned":
      return `${answer.origin}: cosigned ${answer.size} entries`;
    case "other-root":
      return `${answer.origin}: TWO HISTORIES of ${answer.knownSize} entries, both signed by the log. The second is kept in the state folder; nothing of it was cosigned.`;
    case "bad-proof":
      return `${answer.origin}: a checkpoint that was not proven to contain the one before. Nothing was cosigned.`;
    default:
      return null;
  }
}
