/** `npm start`: the whole of Safeconduct for one clinic: as an evaluation instance on this computer, or as a configuration says. */
import { isProblem } from "@safeconduct/foundation";
import { systemClock } from "@safeconduct/system";
import { startServer } from "./compose.ts";
import { checkConfiguration } from "./configuration/check-command.ts";
import { ConfigurationError } from "./configuration/read-configuration.ts";
import { EXIT, FSCK_EXIT, PROBLEM_EXIT, StartFailure } from "./exit.ts";
import { fsck } from "./fsck/fsck.ts";
import { FSCK_USAGE, parseFsckOptions } from "./fsck/options.ts";
import { jsonReport, plainReport } from "./fsck/report.ts";
import { failureKind, standardErrorLog } from "./log.ts";
import { parseOptions, USAGE, UsageError } from "./options.ts";
import { type ServerSettings, settingsOf } from "./settings.ts";

const NODE_MAJOR = 24;

async function main(): Promise<void> {
  if (Number(process.versions.node.split(".")[0]) !== NODE_MAJOR) {
    throw new StartFailure(
      EXIT.usage,
      `Safeconduct runs on Node ${NODE_MAJOR}, this is ${process.versions.node}. Start it with "npm start".`,
    );
  }
  if (process.argv[2] === "fsck") return checkFolder(process.argv.slice(3));
  if (process.argv[2] === "config") {
    process.stdout.write(await checkConfiguration(process.argv.slice(3), systemClock().now()));
    return;
  }
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const clock = systemClock();
  const log = standardErrorLog(clock);
  const settings = await settingsOf(options, clock.now());
  let closing = false;
  let running: Awaited<ReturnType<typeof startServer>> | null = null;
  // Before anything is open: a Ctrl-C during the start ends as cleanly as one after it.
  const stop = async () => {
    if (closing) return;
    closing = true;
    if (running === null) process.exit(130);
    log({ event: "server/stopping" });
    await running.close();
    process.exit(0);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());

  running = await startServer(settings, log);
  for (const warning of settings.warnings) process.stderr.write(`safeconduct: ${warning}\n`);
  announce(options.json, settings, running);
}

/** `safeconduct fsck`. Its words for people go to standard error while it runs; the report is standard output. */
async function checkFolder(args: readonly string[]): Promise<void> {
  const options = parseFsckOptions(args);
  if (options.help) {
    process.stdout.write(FSCK_USAGE);
    return;
  }
  const clock = systemClock();
  const outcome = await fsck(
    { clock, log: standardErrorLog(clock), say: (line) => void process.stderr.write(line) },
    options,
  );
  process.stdout.write(options.json ? jsonReport(outcome) : plainReport(outcome, options));
  process.exitCode = FSCK_EXIT[outcome.result];
}

function announce(
  json: boolean,
  { home, address }: ServerSettings,
  { portal, setup, mailbox, checkpoint }: Awaited<ReturnType<typeof startServer>>,
): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ portal, setup, mailbox, checkpoint })}\n`);
    return;
  }
  const lines = [
    "",
    address === null
      ? `Safeconduct is running. EVALUATION INSTANCE: reachable from this computer only, mails ${mailbox === null ? "go out" : "go to the mailbox page"}.`
      : "Safeconduct is running.",
    "",
    `  Portal    ${portal}`,
    ...(setup === null ? [] : [`  Set up    ${setup}   (works once)`]),
    ...(mailbox === null ? [] : [`  Mailbox   ${mailbox}`]),
    `  Data      ${home}`,
    "",
    "Press Ctrl-C to stop.",
    "",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

main().catch((error: unknown) => {
  const expected =
    [StartFailure, UsageError, ConfigurationError].some((kind) => error instanceof kind) || isProblem(error);
  process.stderr.write(
    `safeconduct: ${expected && error instanceof Error ? error.message : `could not start (${failureKind(error)})`}\n`,
  );
  process.exit(exitCodeOf(error));
});

function exitCodeOf(error: unknown): number {
  if (error instanceof StartFailure) return error.exitCode;
  if (error instanceof UsageError || error instanceof ConfigurationError) return EXIT.usage;
  return (isProblem(error) ? PROBLEM_EXIT.get(error.code) : undefined) ?? EXIT.internal;
}
