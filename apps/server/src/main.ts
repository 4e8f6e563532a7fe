/** `npm start`: the whole of Safeconduct for one clinic, as an evaluation instance on this computer only. */
import { isProblem } from "@safeconduct/foundation";
import { systemClock } from "@safeconduct/system";
import { startServer } from "./compose.ts";
import { EXIT, FSCK_EXIT, PROBLEM_EXIT, StartFailure } from "./exit.ts";
import { fsck } from "./fsck/fsck.ts";
import { FSCK_USAGE, parseFsckOptions } from "./fsck/options.ts";
import { jsonReport, plainReport } from "./fsck/report.ts";
import { failureKind, standardErrorLog } from "./log.ts";
import { parseOptions, type ServerOptions, USAGE, UsageError } from "./options.ts";

const NODE_MAJOR = 24;

async function main(): Promise<void> {
  if (Number(process.versions.node.split(".")[0]) !== NODE_MAJOR) {
    throw new StartFailure(
      EXIT.usage,
      `Safeconduct runs on Node ${NODE_MAJOR}, this is ${process.versions.node}. Start it with "npm start".`,
    );
  }
  if (process.argv[2] === "fsck") return checkFolder(process.argv.slice(3));
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const log = standardErrorLog(systemClock());
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

  running = await startServer(options, log);
  announce(options, running);
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
  { json, home }: ServerOptions,
  { portal, setup, mailbox, checkpoint }: Awaited<ReturnType<typeof startServer>>,
): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ portal, setup, mailbox, checkpoint })}\n`);
    return;
  }
  const lines = [
    "",
    `Safeconduct is running. EVALUATION INSTANCE: reachable from this computer only, mails ${mailbox === null ? "go out" : "go to the mailbox page"}.`,
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
  const expected = error instanceof StartFailure || error instanceof UsageError || isProblem(error);
  process.stderr.write(`safeconduct: ${expected ? error.message : `could not start (${failureKind(error)})`}\n`);
  process.exit(exitCodeOf(error));
});

function exitCodeOf(error: unknown): number {
  if (error instanceof StartFailure) return error.exitCode;
  if (error instanceof UsageError) return EXIT.usage;
  return (isProblem(error) ? PROBLEM_EXIT.get(error.code) : undefined) ?? EXIT.internal;
}
