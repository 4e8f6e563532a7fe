/**
 * Master keys behind a PKCS#11 token (OASIS PKCS #11 2.40): for each generation one AES-256 key object that never
 * leaves the token. It encrypts a random data key, which seals ring and journal; destroying the object
 * (C_DestroyObject) makes every copy of folder and ring worthless at once, whatever a disk or snapshot keeps of them.
 * The data key of the present generation is in the process's memory, as the shares are.
 *
 * The token is driven by OpenSC's `pkcs11-tool`, a process for each of the few calls that a new ring needs: a native
 * module would have to be compiled at every installation. The PIN is in that process's environment, never in its
 * arguments, which every user of the machine can read; keys go through its pipes, never through files.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { type Aead, type Bytes, concatBytes, copyBytes, hexText, type Random, utf8Text } from "@safeconduct/foundation";
import { DamagedStore, type MasterHolder } from "@safeconduct/keyring";
import { type FileSystem, writeDurably } from "./file-system.ts";
import type { TokenAddress } from "./token-address.ts";

const TOOL = "pkcs11-tool";
const PIN_VARIABLE = "SAFECONDUCT_TOKEN_PIN";
const DATA_KEY_BYTES = 32;
/** AES-CBC (SP 800-38A) over two random blocks under a key of its own; the ring's GCM tag authenticates what comes out. */
const IV_BYTES = 16;
const OUTPUT_LIMIT_BYTES = 1 << 20;
/** A token that does not answer must not hold up every release for ever. */
const ANSWER_WITHIN_MS = 30_000;
const WRAPPED_NAME = /^wrapped-([1-9][0-9]{0,15})$/;
const LABEL_LINE = /^ *label: +safeconduct-master-([1-9][0-9]{0,15})$/gm;

interface TokenMastersPorts {
  readonly files: FileSystem;
  readonly aead: Aead;
  readonly random: Random;
}

const idOf = (generation: number) => ["--id", generation.toString(16).padStart(16, "0")];

/** `folder` holds the encrypted data keys. Methods reject where the token cannot be reached or refuses the PIN. */
export function tokenMasters(
  { files, aead, random }: TokenMastersPorts,
  folder: string,
  token: TokenAddress,
): MasterHolder {
  const pathOf = (generation: number) => join(folder, `wrapped-${generation}`);
  const ask = (args: readonly string[], input?: Bytes) => runTool(token, args, input);

  const keyObjects = async (): Promise<readonly number[]> => {
    const listed = utf8Text(await ask(["--list-objects", "--type", "secrkey"])) ?? "";
    return [...listed.matchAll(LABEL_LINE)].map(([, generation]) => Number(generation));
  };

  const destroy = async (generation: number): Promise<void> => {
    // One call destroys one object; an interrupted attempt may have left another of the same name.
    for (const each of await keyObjects()) {
      if (each === generation) await ask(["--delete-object", "--type", "secrkey", ...idOf(generation)]);
    }
    if ((await keyObjects()).includes(generation)) throw new Error("the token still holds a destroyed key");
    await files.remove(pathOf(generation));
    await files.syncFolder(folder);
  };

  const crypt = async (
    what: "--encrypt" | "--decrypt",
    { generation, iv, input }: { generation: number; iv: Bytes; input: Bytes },
  ) => {
    const output = await ask([what, "--mechanism", "AES-CBC", "--iv", hexText(iv), ...idOf(generation)], input);
    if (output.length !== DATA_KEY_BYTES) throw new DamagedStore("the token gave no data key");
    return output;
  };

  return {
    async create(generation) {
      await destroy(generation);
      const label = ["--label", `safeconduct-master-${generation}`];
      await ask(["--keygen", "--key-type", "AES:32", "--sensitive", ...label, ...idOf(generation)]);
      const [dataKey, iv] = [random.bytes(DATA_KEY_BYTES), random.bytes(IV_BYTES)];
      const sealed = await crypt("--encrypt", { generation, iv, input: dataKey });
      await writeDurably(files, pathOf(generation), concatBytes(iv, sealed));
      await files.syncFolder(folder);
      const key = await aead.importKey(dataKey);
      dataKey.fill(0);
      return key;
    },

    async open(generation) {
      const wrapped = await files.read(pathOf(generation));
      if (wrapped === null || !(await keyObjects()).includes(generation)) return null;
      if (wrapped.length !== IV_BYTES + DATA_KEY_BYTES) throw new DamagedStore("the encrypted data key is damaged");
      const [iv, input] = [copyBytes(wrapped.subarray(0, IV_BYTES)), copyBytes(wrapped.subarray(IV_BYTES))];
      const dataKey = await crypt("--decrypt", { generation, iv, input });
      const key = await aead.importKey(dataKey);
      dataKey.fill(0);
      return key;
    },

    destroy,

    async generations() {
      const names = (await files.list(folder)).map((name) => Number(WRAPPED_NAME.exec(name)?.[1] ?? 0));
      return [...new Set([...names.filter((generation) => generation > 0), ...(await keyObjects())])];
    },
  };
}

/** Standard output of one call. Rejects with a line that names neither PIN nor key. */
async function runTool({ module, label, pin }: TokenAddress, args: readonly string[], input?: Bytes): Promise<Bytes> {
  const session = ["--module", module, "--token-label", label, "--login", "--pin", `env:${PIN_VARIABLE}`];
  const child = spawn(TOOL, [...session, ...args], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, [PIN_VARIABLE]: pin },
    timeout: ANSWER_WITHIN_MS,
    killSignal: "SIGKILL",
  });
  const chunks: Buffer[] = [];
  let length = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > OUTPUT_LIMIT_BYTES) child.kill("SIGKILL");
    else chunks.push(chunk);
  });
  // It may end without reading.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  });
  if (code !== 0) {
    throw new DamagedStore("the token cannot be used: is it there, is pkcs11-tool installed, is the PIN right?");
  }
  return copyBytes(Buffer.concat(chunks));
}
