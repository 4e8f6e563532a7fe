/** A wall clock that a test can move under real processes: libfaketime, which changes what the system answers them. */
import { existsSync, readdirSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Why no clock can be moved here, or null when it can. For naming a skipped suite. */
export function movedClockMissing(): string | null {
  return library() === null ? "no libfaketime" : null;
}

export interface MovedClock {
  /** For the environment of every process that shall live by this clock. */
  readonly environment: Readonly<Record<string, string>>;
  /** The clock is now this many seconds off the true one, and goes on from there. */
  move(seconds: number): Promise<void>;
}

/** `folder` keeps the file from which the processes read how far they are off. */
export async function movedClock(folder: string): Promise<MovedClock> {
  const file = join(folder, "clock");
  const move = async (seconds: number) => {
    await writeFile(`${file}.new`, `${seconds < 0 ? "" : "+"}${seconds}\n`);
    await rename(`${file}.new`, file);
  };
  await move(0);
  return {
    environment: {
      LD_PRELOAD: library() ?? "",
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      // Only the wall clock is wrong: timers and the clocks that count from the start of the machine go on as they are.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    move,
  };
}

function library(): string | null {
  const folders = existsSync("/usr/lib") ? readdirSync("/usr/lib") : [];
  const paths = folders.map((folder) => `/usr/lib/${folder}/faketime/libfaketime.so.1`);
  return paths.find((path) => existsSync(path)) ?? null;
}
