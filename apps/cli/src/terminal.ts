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

export function terminal({ json }: { json: boolean }): Terminal {
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
      stdout.write(json ? `${JSON.stringify(value)}\n` : `${words.join("\n")}\n`);
    },
    say(words) {
      clear();
      stderr.write(`${words}\n`);
    },
    progress(words) {
      if (!stderr.isTTY || json) return;
      clear();
      stderr.write(words);
      shown = true;
    },
    progressDone: clear,
    async ask(question, { secret = false } = {}) {
      clear();
      stderr.write(question);
      const quiet = secret && stdin.isTTY;
      const line = await lines.next(quiet);
      if (quiet) stderr.write("\n");
      if (line === null) throw cliProblem("cli/no-input");
      return line.trim();
    },
  };
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
