/** A passcode from a file, so that it stands in no process list and no shell history. */
import { readFile } from "node:fs/promises";
import { cliProblem } from "./errors.ts";

const FILE_LIMIT_BYTES = 4096;

/** The first line. Problems: `cli/unreadable-file`, `cli/usage` for a file that is too long to hold a passcode. */
export async function readPasscode(path: string): Promise<string> {
  const bytes = await readFile(path).catch(() => {
    throw cliProblem("cli/unreadable-file");
  });
  if (bytes.length > FILE_LIMIT_BYTES) throw cliProblem("cli/usage", "--passcode-file holds one line: the passcode.");
  return bytes.toString("utf8").split(/\r?\n/, 1)[0] ?? "";
}
