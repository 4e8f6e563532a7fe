/** `safeconduct receive LINK --out FOLDER`: confirms the address, opens, verifies and saves. A file appears only when it is whole. */
import { resolve } from "node:path";
import {
  acceptConditions,
  askedByTerms,
  type ClientPorts,
  clientProblem,
  demandedKind,
  openTransfer,
  parseLink,
  provePasscode,
  type ProvenPasscode,
} from "@safeconduct/client";
import { type Client, PURPOSE_WORDS } from "@safeconduct/contract";
import { type GrantId, isProblem } from "@safeconduct/foundation";
import { readWords } from "../arguments.ts";
import { conditionWords } from "../asked-of-recipient.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { makeFolder } from "../incoming-files.ts";
import { readPasscode } from "../passcode-file.ts";
import { countWords, savedWords, savePackage } from "../save-package.ts";
import { type Terminal, timeWords } from "../terminal.ts";

interface ConfirmedAddress {
  readonly session: string;
  readonly terms: string;
  readonly termsAcceptedAt: number | null;
}

/** After as many the server waits. */
const CODE_TRIES = 5;
const FACTOR_TRIES = 5;
const TRY_AGAIN: ReadonlySet<string> = new Set(["grant/factor-refused", "factor/code-refused", "request/invalid"]);

export async function receive({ terminal, signal, connect }: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, {
    options: { out: "text", "passcode-file": "text", "add-authenticator": "flag", "accept-terms": "flag" },
    positionals: { min: 0, max: 1 },
  });
  // Asked for where it is not given: a command line can be seen by others on a shared machine.
  const link = parseLink(positionals[0] ?? (await terminal.ask("Link: ", { secret: true })));
  if (link === null) throw clientProblem("client/bad-link");
  const out = resolve(options.out ?? ".");
  await makeFolder(out);

  const { grant, fragment, origin } = link;
  const open = connect(origin);
  const invitation = await open.api.call("invitation", { path: { grant }, signal });
  terminal.say(
    `${invitation.organisation} sent you files, for ${PURPOSE_WORDS[invitation.purpose]}. From ${invitation.sender}, open until ${timeWords(invitation.notAfter)}.`,
  );
  // Before a code is mailed and a passcode typed for nothing.
  if (invitation.profile === "viewable") throw clientProblem("client/view-only");
  await askForCode(terminal, () => open.api.call("sendCode", { path: { grant }, signal }));
  const { session, terms, termsAcceptedAt } = await confirm(terminal, (code) =>
    open.api.call("confirm", { path: { grant }, body: { code }, signal }),
  );

  const ports = connect(origin, session);
  const demanded = demandedKind({ grant, terms });
  if (demanded === "passkey")
    throw cliProblem("cli/usage", "These files ask for a passkey. Open the link in the browser that has it.");
  if (demanded === "authenticator")
    await askForAuthenticator(terminal, (typed) =>
      ports.api.call("proveAuthenticator", { path: { grant }, body: { code: typed }, signal }),
    );
  const passcode =
    demanded === "passcode"
      ? await askForPasscode(terminal, options["passcode-file"], (typed) =>
          provePasscode(ports, { grant, linkSecret: fragment.linkSecret, terms, passcode: typed, signal }),
        )
      : null;
  if (termsAcceptedAt === null)
    await accept(terminal, ports, { grant, terms, isSaid: options["accept-terms"], signal });
  const opened = await openTransfer(ports, {
    grant,
    fragment,
    shown: invitation,
    terms,
    passcode,
    whole: true,
    toSave: true,
    signal,
  });
  const saved = await savePackage({ terminal, crypto: ports.crypto }, out, opened);
  // The files are here either way; a receipt that cannot be given now must not look like a failure.
  const receipt = await ports.api
    .call("receipt", { path: { grant }, body: { files: saved.length, verified: true } })
    .then(
      () => true,
      () => false,
    );
  if (options["add-authenticator"]) await addAuthenticator(terminal, ports.api, grant);
  terminal.result({ files: saved, receipt }, [
    ...savedWords(saved),
    `${countWords(saved)} verified and saved.${receipt ? " The sender has your receipt." : ""}`,
  ]);
}

/** Shows what the sender asks and has it accepted. Problem `cli/terms-refused` where the person does not. */
async function accept(
  terminal: Terminal,
  ports: ClientPorts,
  { isSaid, ...shown }: { grant: GrantId; terms: string; isSaid: boolean; signal: AbortSignal },
): Promise<void> {
  const { conditions } = askedByTerms(shown);
  if (conditions === null) return;
  terminal.say(`The sender asks you to accept terms. ${conditionWords(conditions)}`);
  const word = isSaid ? "yes" : await terminal.ask("Type yes to accept them: ");
  if (word.trim().toLowerCase() !== "yes") throw cliProblem("cli/terms-refused");
  await acceptConditions(ports, shown);
}

/** Asks until the server accepts it, at most five times. */
async function askForAuthenticator(terminal: Terminal, attempt: (code: string) => Promise<void>): Promise<void> {
  terminal.say("These files also need a code of the authenticator app that you added for this organisation.");
  for (let tries = 1; ; tries++) {
    const typed = await terminal.ask("Authenticator code: ");
    try {
      return await attempt(typed);
    } catch (error) {
      if (!isProblem(error) || !TRY_AGAIN.has(error.code) || tries >= FACTOR_TRIES) throw error;
      terminal.say(error.message);
    }
  }
}

/** For later files: the secret is shown once, here. What was received stays, whatever becomes of it. */
async function addAuthenticator(terminal: Terminal, api: Client, grant: GrantId): Promise<void> {
  try {
    const { otpauthUri, secret } = await api.call("beginAuthenticator", { path: { grant } });
    terminal.say(
      `Add this to your authenticator app, then enter the code that it shows.\n  ${secret}\n  ${otpauthUri}`,
    );
    await askForNewCode(terminal, (code) => api.call("confirmAuthenticator", { path: { grant }, body: { code } }));
    terminal.say("Added. Senders of this organisation can ask for its codes from now on.");
  } catch (error) {
    if (!isProblem(error)) throw error;
    terminal.say(`The authenticator was not added. ${error.message}`);
  }
}

async function askForNewCode(terminal: Terminal, attempt: (code: string) => Promise<void>): Promise<void> {
  for (;;) {
    const code = await terminal.ask("New authenticator code: ");
    try {
      return await attempt(code);
    } catch (error) {
      // After five the server has forgotten the secret, and says so.
      if (!isProblem(error) || !TRY_AGAIN.has(error.code)) throw error;
      terminal.say(error.message);
    }
  }
}

/** Whoever comes back at once, after a Ctrl-C perhaps, has a code already that still works. */
async function askForCode(
  terminal: Terminal,
  ask: () => Promise<{ addressHint: string; expiresInSeconds: number }>,
): Promise<void> {
  try {
    const { addressHint, expiresInSeconds } = await ask();
    const minutes = Math.round(expiresInSeconds / 60);
    terminal.say(`A code is on its way to ${addressHint}. It works for ${minutes} minutes.`);
  } catch (error) {
    if (!isProblem(error) || error.code !== "grant/code-wait") throw error;
    terminal.say("A code was sent before and another one cannot be sent yet. The newest code in your mail works.");
  }
}

async function confirm(
  terminal: Terminal,
  attempt: (code: string) => Promise<ConfirmedAddress>,
): Promise<ConfirmedAddress> {
  for (let tries = 1; ; tries++) {
    const code = await terminal.ask("Code: ");
    try {
      return await attempt(code);
    } catch (error) {
      const again =
        isProblem(error) &&
        (error.code === "grant/code-refused" || error.code === "request/invalid") &&
        tries < CODE_TRIES;
      if (!again) throw error;
      terminal.say(error.message);
    }
  }
}

/** Asks until the server accepts it, at most five times; a passcode from a file is tried once. */
async function askForPasscode(
  terminal: Terminal,
  file: string | undefined,
  attempt: (passcode: string) => Promise<ProvenPasscode>,
): Promise<ProvenPasscode> {
  if (file !== undefined) return attempt(await readPasscode(file));
  terminal.say("These files also need the passcode that the sender told you.");
  for (let tries = 1; ; tries++) {
    const typed = await terminal.ask("Passcode: ", { secret: true });
    try {
      return await attempt(typed);
    } catch (error) {
      const again =
        isProblem(error) &&
        (error.code === "grant/factor-refused" || error.code === "client/bad-passcode") &&
        tries < FACTOR_TRIES;
      if (!again) throw error;
      terminal.say(error.message);
    }
  }
}
