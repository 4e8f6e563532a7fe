/** `safeconduct setup LINK`: what the set-up page does, for scripts. Enrols this device at once. */
import { enrolFirstDevice } from "@safeconduct/client";
import { pinServer } from "./login.ts";
import { accountFolder, writeAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";

export async function setup({ terminal, environment, connect }: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, {
    options: { organisation: "text", name: "text", address: "text", device: "text" },
    positionals: { min: 0, max: 1 },
  });
  // Asked for where it is not given: a command line can be seen by others on a shared machine.
  const given = positionals[0] ?? (await terminal.ask("Set-up link: ", { secret: true }));
  const link = URL.canParse(given) ? new URL(given) : null;
  const setupToken = new URLSearchParams(link?.hash.slice(1)).get("token");
  if (link === null || setupToken === null)
    throw cliProblem("cli/usage", "Give the whole set-up link that the server printed.");
  const { api } = connect(link.origin);
  const answer = async (given: string | undefined, question: string) => given ?? (await terminal.ask(question));

  const organisation = await answer(options.organisation, "Name of the organisation: ");
  const name = await answer(options.name, "Your name: ");
  const address = await answer(options.address, "Your e-mail address: ");
  const password = await terminal.ask("Password (15 characters or more): ", { secret: true });
  const body = { setupToken, organisation: { name: organisation }, member: { name, address }, password };
  const authenticator = await api.call("enrolFirstMember", { body });
  terminal.say(`Add this key to your authenticator app: ${authenticator.secret}`);
  terminal.say(`(or this address: ${authenticator.otpauthUri})`);
  const code = await terminal.ask("Six digits that it shows now: ");
  const done = await api.call("completeSetup", { body: { setupToken, code } });

  const pinned = await pinServer(connect, { server: link.origin, token: done.apiToken });
  const device = await enrolFirstDevice(pinned.ports, pinned.owner, { name: options.device ?? "Command line" });
  const account = { ...pinned.account, device };
  await writeAccount(accountFolder(environment), account);
  terminal.result(
    { organisation: done.organisation, member: done.member, apiToken: done.apiToken, device: account.device.device },
    [
      `${done.organisation.name} is set up. This device is enrolled and may send.`,
      `API token for other scripts, shown only now: ${done.apiToken}`,
    ],
  );
}
