/** `safeconduct …`: the high-assurance client. Results go to standard output, everything else to standard error. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientPorts } from "@safeconduct/client";
import { apiClient } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { isProblem } from "@safeconduct/foundation";
import { login } from "./commands/login.ts";
import { verifyCertificateCommand, verifyLogCommand } from "./commands/proofs.ts";
import { receive } from "./commands/receive.ts";
import { send } from "./commands/send.ts";
import { setup } from "./commands/setup.ts";
import { certificate, revoke, status } from "./commands/transfers.ts";
import type { Context } from "./context.ts";
import { cliProblem } from "./errors.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { HELP } from "./help.ts";
import { terminal } from "./terminal.ts";

type Command = (context: Context, args: readonly string[]) => Promise<void>;

/** Two words before one: `log verify`, `certificate verify`. */
const COMMANDS: Readonly<Record<string, Command>> = {
  "certificate verify": verifyCertificateCommand,
  "log verify": verifyLogCommand,
  certificate,
  login,
  receive,
  revoke,
  send,
  setup,
  status,
};

async function main(): Promise<number> {
  const words = process.argv.slice(2);
  const json = words.includes("--json");
  const args = words.filter((word) => word !== "--json");
  const out = terminal({ json });
  if (args.length === 0 || args[0] === "help" || args.includes("--help")) {
    process.stdout.write(HELP);
    return args.length === 0 ? EXIT.usage : EXIT.done;
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  try {
    const { command, rest } = commandOf(args);
    const { signal } = stop;
    await command({ terminal: out, environment: process.env, signal, now: () => Date.now(), connect }, rest);
    return EXIT.done;
  } catch (error) {
    if (stop.signal.aborted) {
      out.say("Stopped. Nothing of it is open to anybody.");
      return EXIT.interrupted;
    }
    if (!isProblem(error)) throw error;
    out.say(
      `safeconduct: ${error.message}${error.details.retryAfterSeconds === undefined ? "" : ` (in ${error.details.retryAfterSeconds} s)`}`,
    );
    if (json)
      process.stdout.write(
        `${JSON.stringify({ error: { code: error.code, message: error.message, ...error.details } })}\n`,
      );
    return exitCodeOf(error.code);
  }
}

function connect(origin: string, bearer?: string): ClientPorts {
  return {
    crypto: nodeCrypto(),
    api: apiClient({ origin, fetch: globalThis.fetch, ...(bearer === undefined ? {} : { bearer }) }),
    fetch: globalThis.fetch,
    wait: async (milliseconds, signal) => {
      await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
    },
  };
}

function commandOf(args: readonly string[]): { command: Command; rest: readonly string[] } {
  for (const count of [2, 1]) {
    const name = args.slice(0, count).join(" ");
    if (args.length >= count && Object.hasOwn(COMMANDS, name))
      return { command: COMMANDS[name] as Command, rest: args.slice(count) };
  }
  throw cliProblem(
    "cli/usage",
    `There is no command "${(args[0] ?? "").slice(0, 30)}". \`safeconduct help\` shows them.`,
  );
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    // Not expected, so it may say anything: only its kind is shown, never what it was given.
    process.stderr.write(`safeconduct: unexpected failure (${error instanceof Error ? error.name : typeof error})\n`);
    if (process.env["SAFECONDUCT_DEBUG"] === "1") console.error(error);
    process.exit(EXIT.failed);
  },
);
