/**
 * What this device knows: server, API token, its keys and what it has pinned. One file that only its owner can read.
 * SAFECONDUCT_CONFIG names another folder; SAFECONDUCT_TOKEN_FILE a file that holds the token. Secrets never stand on a command line.
 */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type ClientPorts, type SendingDevice, syncDevice } from "@safeconduct/client";
import { deviceId, fixedBytes, memberId, organisationId, bytesField } from "@safeconduct/contract";
import { base64UrlText } from "@safeconduct/foundation";
import { z } from "zod";
import type { Context } from "./context.ts";
import { cliProblem } from "./errors.ts";

const pair = z.object({ publicKey: bytesField({ maxBytes: 4096 }), privateKey: bytesField({ maxBytes: 8192 }) });
const accountFile = z.object({
  version: z.literal(2),
  server: z.url(),
  token: z.string().min(1),
  ledgerVerifierKey: z.string(),
  device: z.object({
    organisation: organisationId,
    member: memberId,
    device: deviceId,
    signing: z.object({ publicKey: fixedBytes(32), privateKey: fixedBytes(32) }),
    hpke: pair,
    memberKeys: z.array(pair.extend({ generation: z.int().min(1) })).min(1),
    chain: z.object({ position: z.int().min(0), hash: fixedBytes(32) }),
    keyServiceSigningKey: fixedBytes(32),
    recoveryKey: z
      .object({
        generation: z.int().min(1),
        publicKey: bytesField({ maxBytes: 4096 }),
        keyId: fixedBytes(4),
        hash: fixedBytes(32),
      })
      .nullable()
      .default(null),
  }),
});

export interface Account {
  /** Origin of the server. */
  readonly server: string;
  readonly token: string;
  /** Pinned at login: checkpoints and certificates of this server must be signed by it. */
  readonly ledgerVerifierKey: string;
  readonly device: SendingDevice;
}

export function accountFolder(environment: NodeJS.ProcessEnv): string {
  return (
    environment["SAFECONDUCT_CONFIG"] ??
    join(environment["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "safeconduct")
  );
}

/** Problems: `cli/not-logged-in`, `cli/account-damaged`. */
export async function readAccount(folder: string): Promise<Account> {
  const text = await readFile(join(folder, "account.json"), "utf8").catch((error: NodeJS.ErrnoException) => {
    throw cliProblem(error.code === "ENOENT" ? "cli/not-logged-in" : "cli/account-damaged");
  });
  const parsed = accountFile.safeParse(parseJson(text));
  if (!parsed.success) throw cliProblem("cli/account-damaged");
  const { version: _, ...account } = parsed.data;
  return account;
}

/** Replaces the account of this folder, whole or not at all. */
export async function writeAccount(folder: string, account: Account): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "account.json");
  const handle = await open(`${path}.new`, "w", 0o600);
  await handle.writeFile(
    `${JSON.stringify({ version: 2, ...account }, (_, value: unknown) => (value instanceof Uint8Array ? base64UrlText(value) : value), 2)}\n`,
  );
  await handle.sync();
  await handle.close();
  await rename(`${path}.new`, path);
}

/**
 * The account of this device, brought up to what the member's other devices have changed since. Problems: as {@link readAccount},
 * `client/other-devices`, `client/device-removed`.
 */
export async function openAccount({
  environment,
  connect,
}: Pick<Context, "environment" | "connect">): Promise<{ account: Account; ports: ClientPorts }> {
  const folder = accountFolder(environment);
  const account = await readAccount(folder);
  const ports = connect(account.server, account.token);
  const { device } = await syncDevice(ports, account.device);
  const current = { ...account, device };
  if (device.chain.position !== account.device.chain.position) await writeAccount(folder, current);
  return { account: current, ports };
}

/** The account goes on with what its device holds now. */
export const keepDevice = (
  { environment }: Pick<Context, "environment">,
  account: Account,
  device: SendingDevice,
): Promise<void> => writeAccount(accountFolder(environment), { ...account, device });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
