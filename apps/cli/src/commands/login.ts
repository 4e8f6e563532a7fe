/** `safeconduct login SERVER`: enrols this device with an API token. Makes its keys and pins those of the server. */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { enrolDevice, makeDevice } from "@safeconduct/client";
import { base64UrlBytes, parseId } from "@safeconduct/foundation";
import { type Account, accountFolder, writeAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";

export async function login({ terminal, environment, connect }: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, { options: { device: "text" }, positionals: { min: 1, max: 1 } });
  const server = URL.canParse(positionals[0] ?? "") ? new URL(positionals[0] ?? "").origin : null;
  if (server === null || server === "null")
    throw cliProblem("cli/usage", "Give the address of the server, for example http://localhost:8400");
  const tokenFile = environment["SAFECONDUCT_TOKEN_FILE"];
  const token =
    tokenFile === undefined
      ? await terminal.ask("API token: ", { secret: true })
      : (
          await readFile(tokenFile, "utf8").catch(() => {
            throw cliProblem("cli/unreadable-file", "The file that SAFECONDUCT_TOKEN_FILE names cannot be read.");
          })
        ).trim();
  const account = await fetchAccount(connect, {
    server,
    token,
    deviceName: options.device ?? `Command line on ${hostname()}`,
  });
  await writeAccount(accountFolder(environment), account);
  terminal.result({ server, device: account.device.device, member: account.device.member }, [
    "This device is enrolled and may send.",
  ]);
}

/** Makes a device, pins the server's keys and enrols it. */
export async function fetchAccount(
  connect: Context["connect"],
  {
    server,
    token,
    deviceName,
  }: {
    server: string;
    token: string;
    deviceName: string;
  },
): Promise<Account> {
  const ports = connect(server, token);
  const [me, instance] = [await ports.api.call("me"), await ports.api.call("instance")];
  const organisation = parseId("organisation", me.organisation.id);
  const member = parseId("member", me.member.id);
  const keyServicePublicKey = base64UrlBytes(instance.keyService.hpkePublicKey);
  if (organisation === null || member === null || keyServicePublicKey === null)
    throw cliProblem("cli/account-damaged", "The server's answer could not be understood.");
  const device = await makeDevice(ports, { organisation, member, keyServicePublicKey });
  await enrolDevice(ports, device, deviceName.slice(0, 60));
  return { server, token, ledgerVerifierKey: instance.ledger.verifierKey, device };
}
