/** `safeconduct …`: the high-assurance client. Results go to standard output, everything else to standard error. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ClientPorts, clientProblem, type FillRange } from "@safeconduct/client";
import { apiClient } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { isProblem } from "@safeconduct/foundation";
import { clock, clockConfirm } from "./commands/clock.ts";
import { deviceApprove, deviceKey, deviceList, deviceRemove, recoveryKey } from "./commands/devices.ts";
import { factorRemove, factorShow } from "./commands/factors.ts";
import { login } from "./commands/login.ts";
import { mirrorLogCommand, verifyLogCommand } from "./commands/log.ts";
import { verifyCertificateCommand } from "./commands/proofs.ts";
import { open } from "./commands/open.ts";
import { receive } from "./commands/receive.ts";
import { recover, recoveryCards } from "./commands/recovery.ts";
import { add, relink } from "./commands/recipients.ts";
import { send } from "./commands/send.ts";
import { setup } from "./commands/setup.ts";
import { witness, witnessKey } from "./commands/witness.ts";
import { certificate, erase, hold, resume, revoke, status, suspend } from "./commands/transfers.ts";
import type { Context } from "./context.ts";
import { cliProblem } from "./errors.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { HELP } from "./help.ts";
import { asPut, putBytes } from "./put-bytes.ts";
import { RangeConnection } from "./range-connection.ts";
import { terminal } from "./terminal.ts";

type Command = (context: Context, args: readonly string[]) => Promise<void>;

/** Two words before one: `log verify`, `certificate verify`. */
const COMMANDS: Readonly<Record<string, Command>> = {
  "certificate verify": verifyCertificateCommand,
  "clock confirm": clockConfirm,
  "log mirror": mirrorLogCommand,
  "factor remove": factorRemove,
  "factor show": factorShow,
  "device approve": deviceApprove,
  "device key": deviceKey,
  "device list": deviceList,
  "device remove": deviceRemove,
  "log verify": verifyLogCommand,
  add,
  certificate,
  clock,
  erase,
  hold,
  login,
  open,
  receive,
  recover,
  "recovery-cards": recoveryCards,
  "recovery-key": recoveryKey,
  relink,
  resume,
  revoke,
  send,
  setup,
  status,
  witness,
  "witness key": witnessKey,
  suspend,
};

/** What Ctrl-C leaves. */
const STOPPED: Readonly<Record<string, string>> = {
  send: "Stopped. Nothing of it is open to anybody.",
  recover: "Stopped. The request goes on for its day; if two cards were typed already, file another one.",
  receive:
    "Stopped. Files that were named as saved are whole; of the others nothing is left. The link still works unless it is used up.",
};

async function main(): Promise<number> {
  const words = process.argv.slice(2);
  const json = words.includes("--json");
  const args = words.filter((word) => word !== "--json");
  const stop = new AbortController();
  const out = terminal({ json, signal: stop.signal });
  if (args.length === 0 || args[0] === "help" || args.includes("--help")) {
    process.stdout.write(HELP);
    return args.length === 0 ? EXIT.usage : EXIT.done;
  }
  process.once("SIGINT", () => stop.abort());
  try {
    const { command, rest } = commandOf(args);
    const { signal } = stop;
    await command({ terminal: out, environment: process.env, signal, now: () => Date.now(), connect }, rest);
    return EXIT.done;
  } catch (error) {
    if (stop.signal.aborted) {
      out.say(STOPPED[args[0] ?? ""] ?? "Stopped.");
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
    fetch: sameServer(origin),
    fillRange: rangesOf(origin),
    wait: async (milliseconds, signal) => {
      await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
    },
  };
}

/**
 * Addresses of blobs come from the server. One that leads elsewhere would make this computer talk to whatever the server likes
 * on the network that it stands in, so it is refused.
 */
const sameServer =
  (origin: string): typeof globalThis.fetch =>
  async (target, init) => {
    const url = target instanceof Request ? target.url : String(target);
    if (!isSameServer(url, origin)) throw clientProblem("client/not-genuine");
    const put = asPut(init);
    return put === null ? globalThis.fetch(target, init) : putBytes(new URL(url), put);
  };

/** What leads elsewhere is left to fetch, which refuses it. */
function rangesOf(origin: string): FillRange {
  const connection = new RangeConnection();
  return async (url, range) => isSameServer(url, origin) && connection.fill(url, range);
}

const isSameServer = (url: string, origin: string): boolean =>
  URL.canParse(url) && oneLoopback(new URL(url)) === oneLoopback(new URL(origin));

/** The origin; the names of this very computer count as one. */
const oneLoopback = ({ protocol, hostname, port }: URL): string =>
  `${protocol}//${LOOPBACK.has(hostname) ? "localhost" : hostname}:${port}`;

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

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
  // A long result may still be on its way to whoever reads it: the empty piece is behind it.
  (code) => process.stdout.write("", () => process.exit(code)),
  (error: unknown) => {
    // Not expected, so it may say anything: only its kind is shown, never what it was given.
    process.stderr.write(`safeconduct: unexpected failure (${error instanceof Error ? error.name : typeof error})\n`);
    if (process.env["SAFECONDUCT_DEBUG"] === "1") console.error(error);
    process.exit(EXIT.failed);
  },
);
