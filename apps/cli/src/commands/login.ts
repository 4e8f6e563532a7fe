/**
 * `safeconduct login SERVER`: enrols this device with an API token. Makes its keys and pins those of the server. A second device is let
 * in by the first (`--join`) or by the printed recovery key (`--recovery-key-file`).
 */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import {
  askToJoin,
  type ClientPorts,
  type DeviceOwner,
  enrolFirstDevice,
  recoverDevice,
  type SendingDevice,
  syncDevice,
  tryJoin,
} from "@safeconduct/client";
import { base64UrlBytes, isProblem, parseId } from "@safeconduct/foundation";
import { type Account, accountFolder, readAccount, writeAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";

/** Ed25519. */
const SIGNING_KEY_BYTES = 32;
const ASK_EVERY_MS = 1000;
/** As long as the server keeps the request. */
const WAIT_FOR_APPROVAL_MS = 15 * 60 * 1000;
const DEVICE_NAME_LENGTH = 60;

export async function login(context: Context, args: readonly string[]): Promise<void> {
  const { terminal, environment, connect } = context;
  const { positionals, options } = readWords(args, {
    options: { device: "text", join: "flag", "recovery-key-file": "text", "start-over": "flag" },
    positionals: { min: 1, max: 1 },
  });
  const { join, "recovery-key-file": keyFile, "start-over": startOver } = options;
  if ([join, keyFile !== undefined, startOver].filter(Boolean).length > 1)
    throw cliProblem("cli/usage", "--join, --recovery-key-file and --start-over exclude each other.");
  const server = URL.canParse(positionals[0] ?? "") ? new URL(positionals[0] ?? "").origin : null;
  if (server === null || server === "null")
    throw cliProblem("cli/usage", "Give the address of the server, for example http://localhost:8400");
  const tokenFile = environment["SAFECONDUCT_TOKEN_FILE"];
  const token =
    tokenFile === undefined
      ? await terminal.ask("API token: ", { secret: true })
      : await readSecret(tokenFile, "The file that SAFECONDUCT_TOKEN_FILE names cannot be read.");
  const { account, owner, ports } = await pinServer(connect, { server, token });
  const name = (options.device ?? `Command line on ${hostname()}`).slice(0, DEVICE_NAME_LENGTH);
  const device = await enrol(context, { owner, ports, name, join, keyFile, startOver, server });
  await writeAccount(accountFolder(environment), { ...account, device });
  terminal.result({ server, device: device.device, member: device.member }, ["This device is enrolled and may send."]);
}

interface Enrolment {
  readonly owner: DeviceOwner;
  readonly ports: ClientPorts;
  readonly name: string;
  readonly join: boolean;
  readonly keyFile: string | undefined;
  readonly startOver: boolean;
  readonly server: string;
}

async function enrol(
  context: Context,
  { owner, ports, name, join, keyFile, startOver, server }: Enrolment,
): Promise<SendingDevice> {
  if (join) return joinAsSecond(context, { owner, ports, name });
  if (keyFile !== undefined) {
    const recoveryKey = await readSecret(keyFile, "The file with the recovery key cannot be read.");
    return recoverDevice(ports, owner, { recoveryKey, name });
  }
  if (startOver) return enrolFirstDevice(ports, owner, { name, startOver });
  return (await knownDevice(context, { owner, ports, server })) ?? enrolFirstDevice(ports, owner, { name });
}

/** The device that this folder has for this member already: then only the token is new. */
async function knownDevice(
  { environment }: Context,
  { owner, ports, server }: Pick<Enrolment, "owner" | "ports" | "server">,
): Promise<SendingDevice | null> {
  try {
    const { device, server: known } = await readAccount(accountFolder(environment));
    if (known !== server || device.member !== owner.member) return null;
    return (await syncDevice(ports, device)).device;
  } catch (error) {
    const isForgotten =
      isProblem(error) && ["cli/not-logged-in", "cli/account-damaged", "client/device-removed"].includes(error.code);
    if (isForgotten) return null;
    throw error;
  }
}

async function joinAsSecond(
  { terminal, signal, now }: Context,
  { owner, ports, name }: Pick<Enrolment, "owner" | "ports" | "name">,
): Promise<SendingDevice> {
  const joining = await askToJoin(ports, owner, name);
  terminal.say(`Type this code on a device of yours that is enrolled, with \`safeconduct device approve\`:`);
  terminal.say(`\n  ${joining.printedCode}\n`);
  terminal.say("Nobody else must see it. Waiting …");
  for (const until = now() + WAIT_FOR_APPROVAL_MS; now() < until; ) {
    const device = await tryJoin(ports, joining);
    if (device !== null) return device;
    await ports.wait(ASK_EVERY_MS, signal);
  }
  throw cliProblem("cli/no-input", "No other device has let this one in. Begin anew when you are at it.");
}

/** Whose token it is, and what to pin of the server. */
export async function pinServer(
  connect: Context["connect"],
  { server, token }: { server: string; token: string },
): Promise<{ account: Omit<Account, "device">; owner: DeviceOwner; ports: ClientPorts }> {
  const ports = connect(server, token);
  const [me, instance] = [await ports.api.call("me"), await ports.api.call("instance")];
  const organisation = parseId("organisation", me.organisation.id);
  const member = parseId("member", me.member.id);
  const keyServiceSigningKey = base64UrlBytes(instance.keyService.signingPublicKey);
  if (organisation === null || member === null || keyServiceSigningKey?.length !== SIGNING_KEY_BYTES)
    throw cliProblem("cli/account-damaged", "The server's answer could not be understood.");
  const account = { server, token, ledgerVerifierKey: instance.ledger.verifierKey };
  return { account, owner: { organisation, member, keyServiceSigningKey }, ports };
}

async function readSecret(path: string, message: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => {
    throw cliProblem("cli/unreadable-file", message);
  });
  return text.trim();
}
