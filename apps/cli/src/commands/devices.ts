/** `device key`, `device list`, `device approve`, `device remove` and `recovery-key`: who of a member's devices can send and open. */
import { resolve } from "node:path";
import { approveDevice, makeRecoveryKey, removeDevice, syncDevice } from "@safeconduct/client";
import { hexText, parseId } from "@safeconduct/foundation";
import { accountFolder, keepDevice, openAccount, readAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { newSecretFile, type SecretFile } from "../secret-file.ts";
import { timeWords } from "../terminal.ts";

const KIND_WORDS = { device: "device", passkey: "passkey", recovery: "recovery key on paper" } as const;

export async function deviceList(context: Context, args: readonly string[]): Promise<void> {
  readWords(args, { options: {}, positionals: { min: 0, max: 0 } });
  const { account, ports } = await openAccount(context);
  const { chain, answer } = await syncDevice(ports, account.device);
  const devices = [...chain.holders.values()].map(({ id, kind, name, removedAt }) => ({
    device: id,
    kind,
    name,
    isRemoved: removedAt !== null,
    isThis: id === account.device.device,
    since: answer.devices.find((each) => each.id === id)?.createdAt ?? null,
  }));
  const waiting = answer.requests
    .filter(({ device }) => !devices.some((each) => each.device === device))
    .map(({ device, name }) => ({ device, name }));
  context.terminal.result({ devices, waiting }, [
    ...devices.map(({ device, kind, name, isRemoved, isThis, since }) => {
      const state = isRemoved ? ", removed" : isThis ? ", this one" : "";
      return `${device}  ${name}  (${KIND_WORDS[kind]}${state}${since === null ? "" : `, since ${timeWords(since)}`})`;
    }),
    ...waiting.map(
      ({ name }) => `Waits to be let in: ${name}. Type the code that it shows: safeconduct device approve`,
    ),
  ]);
}

/** The line for the file `custodians` of the key service: docs/operations/key-service.md. */
export async function deviceKey({ environment, terminal }: Context, args: readonly string[]): Promise<void> {
  readWords(args, { options: {}, positionals: { min: 0, max: 0 } });
  const { device } = await readAccount(accountFolder(environment));
  const publicKey = hexText(device.signing.publicKey);
  terminal.result({ device: device.device, publicKey }, [publicKey]);
}

export async function deviceApprove(context: Context, args: readonly string[]): Promise<void> {
  const { positionals } = readWords(args, { options: {}, positionals: { min: 0, max: 1 } });
  const { account, ports } = await openAccount(context);
  const code = positionals[0] ?? (await context.terminal.ask("Code that the new device shows: "));
  const { device, result } = await approveDevice(ports, account.device, code);
  await keepDevice(context, account, device);
  context.terminal.result(result, [`${result.name} is let in. It can send, and open what you have sent.`]);
}

export async function deviceRemove(context: Context, args: readonly string[]): Promise<void> {
  const { positionals } = readWords(args, { options: {}, positionals: { min: 1, max: 1 } });
  const { account, ports } = await openAccount(context);
  const id = parseId("device", positionals[0] ?? "");
  if (id === null) throw cliProblem("cli/usage", "Give the id of a device: `safeconduct device list` shows them.");
  const { device } = await removeDevice(ports, account.device, id);
  await keepDevice(context, account, device);
  context.terminal.result({ removed: id }, [
    "That device can send nothing any more, and open nothing that you send from now on.",
    "If it is in other hands, end its API token too (portal, or the token list).",
  ]);
}

/** The key goes to standard output, or to --out FILE, which only its owner can read. */
export async function recoveryKey(context: Context, args: readonly string[]): Promise<void> {
  const { options } = readWords(args, { options: { out: "text" }, positionals: { min: 0, max: 0 } });
  // Before the old key is void: a file that is there, or a folder that is not, must not cost the only recovery key.
  const path = options.out === undefined ? null : resolve(options.out);
  const file = path === null ? null : await newSecretFile(path);
  const { account, ports } = await openAccount(context).catch((error: unknown) => giveUp(file, error));
  const made = await makeRecoveryKey(ports, account.device).catch((error: unknown) => giveUp(file, error));
  await keepDevice(context, account, made.device);
  const lines = [
    "Print this and keep it where you keep passports. With it, and nothing else, a new device gets your keys",
    "when all of yours are lost. It is shown only now. A recovery key of before is void.",
  ];
  if (file === null) {
    context.terminal.result({ recoveryKey: made.recoveryKey }, [...lines, "", `  ${made.recoveryKey}`]);
    return;
  }
  await file.write(`${made.recoveryKey}\n`).catch(() => {
    throw cliProblem("cli/unwritable-folder", "The recovery key could not be written. Make another one.");
  });
  context.terminal.result({ out: path }, [...lines, `Written to ${path}.`]);
}

async function giveUp(file: SecretFile | null, error: unknown): Promise<never> {
  await file?.discard();
  throw error;
}
