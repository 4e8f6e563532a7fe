/** Words to the person (standard error), results to whoever reads them (standard output), questions where there is someone to ask. */
import { createInterface } from "node:readline";
import { cliProblem } from "./errors.ts";

export interface Terminal {
  readonly json: boolean;
  /** A result. In JSON mode only this goes to standard output, once, as one line. */
  result(value: unknown, words: readonly string[]): void;
  say(words: string): void;
  /** Overwrites itself on a terminal and is silent elsewhere. */
  progress(words: string): void;
  progressDone(): void;
  /** One line of input. Problem `cli/no-input` when there is none left. Secrets are not echoed on a terminal. */
  ask(question: string, options?: { secret?: boolean }): Promise<string>;
}

/**
 * Words may come from a server, a sender or a file name: what would move the cursor, colour, retitle or reverse the terminal goes.
 * Line ends stay.
 */
export const printable = (words: string): string =>
  words.replace(/[^\P{Cc}\n]|[\u{61c}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2066}-\u{2069}]/gu, "");

/** `signal`: aborted by Ctrl-C, which ends a question too. */
export function terminal({ json, signal }: { json: boolean; signal: AbortSignal }): Terminal {
  const { stdin, stdout, stderr } = process;
  let shown = false;
  const clear = () => {
    if (shown) stderr.write("\r\x1b[2K");
    shown = false;
  };
  const lines = lineReader();
  return {
    json,
    result(value, words) {
      clear();
      stdout.write(json ? `${JSON.stringify(value)}\n` : `${printable(words.join("\n"))}\n`);
    },
    say(words) {
      clear();
      stderr.write(`${printable(words)}\n`);
    },
    progress(words) {
      if (!stderr.isTTY || json) return;
      clear();
      stderr.write(printable(words));
      shown = true;
    },
    progressDone: clear,
    async ask(question, { secret = false } = {}) {
      clear();
      stderr.write(question);
      const quiet = secret && stdin.isTTY;
      const line = await untilAborted(lines.next(quiet), signal);
      if (quiet) stderr.write("\n");
      if (line === null) throw cliProblem("cli/no-input");
      return line.trim();
    },
  };
}

/** Rejects with the reason of `signal` as soon as it is aborted. */
function untilAborted<Value>(waiting: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    waiting.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Lines of standard input one by one, without losing what arrived together. */
function lineReader(): { next(quiet: boolean): Promise<string | null> } {
  let started: AsyncIterator<string, undefined> | null = null;
  return {
    async next(quiet) {
      if (process.stdin.isTTY) return ttyLine(quiet);
      started ??= createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })[
        Symbol.asyncIterator
      ]();
      const next: IteratorResult<string, undefined> = await started.next();
      return next.done === true ? null : next.value;
    },
  };
}

function ttyLine(quiet: boolean): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = createInterface({
      input: process.stdin,
      ...(quiet ? {} : { output: process.stderr }),
      terminal: true,
    });
    let answered = false;
    reader.once("line", (line) => {
      answered = true;
      reader.close();
      resolve(line);
    });
    reader.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
    reader.once("close", () => {
      if (!answered) resolve(null);
    });
  });
}

/** `12.3 MB`, decimal as storage is sold. */
export function sizeWords(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}

/** `Sun, 22 Nov 2026, 14:05 CET`: absolute, with its zone. */
export function timeWords(instant: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(instant);
}
