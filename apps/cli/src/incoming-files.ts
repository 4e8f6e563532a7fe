/**
 * Files of an opened package on their way into a folder of the recipient. A file appears under its name only when it is whole,
 * replaces nothing, and stays inside the folder: names were checked when the package was opened, and a link that lies in the
 * folder already is not followed. Whoever can change the folder while we write could do so afterwards as well.
 */
import { type FileHandle, link, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { copyName } from "@safeconduct/client";
import { type Bytes, hexText, type Random } from "@safeconduct/foundation";
import { cliProblem } from "./errors.ts";

/** Copies of one name in one folder; nobody has that many, and looking must end. */
const COPY_LIMIT = 1000;
/** Brought to the disk along the way: at the end of a large file everybody would wait for all of it. */
const SYNC_EVERY_BYTES = 64 * 1024 * 1024;

/** Makes the folder. Problem `cli/unwritable-folder`, also where it is a file. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch(writeFailure);
}

/**
 * Saves `pieces` under `folder`/`path` and answers where: `name.dcm`, or `name (2).dcm` where that is taken. A rejection of
 * `pieces` is passed on and leaves nothing behind. `onProgress` hears the bytes that are written.
 * Problem `cli/unwritable-folder`.
 */
export async function saveFile(
  {
    folder,
    path,
    random,
    onProgress,
  }: { folder: string; path: string; random: Random; onProgress: (doneBytes: number) => void },
  pieces: AsyncIterable<Bytes>,
): Promise<string> {
  const segments = path.split("/");
  const name = segments.pop() ?? "";
  const home = await makeFolders(folder, segments);
  // A name of its own: never longer than the file system allows, and never another receiving's.
  const temporary = join(home, `.safeconduct-${hexText(random.bytes(8))}.part`);
  const handle = await open(temporary, "wx", 0o600).catch(writeFailure);
  try {
    await writeAll(handle, pieces, onProgress);
    return await place(temporary, home, name);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Each piece is written while the next is fetched and opened, and is not touched any more once the next but one comes. */
async function writeAll(
  handle: FileHandle,
  pieces: AsyncIterable<Bytes>,
  onProgress: (doneBytes: number) => void,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  let reachingDisk: Promise<void> = Promise.resolve();
  try {
    let done = 0;
    for await (const piece of pieces) {
      await writing;
      writing = heardLater(handle.writeFile(piece));
      const before = done;
      done += piece.length;
      if (Math.floor(before / SYNC_EVERY_BYTES) < Math.floor(done / SYNC_EVERY_BYTES)) {
        await writing;
        await reachingDisk;
        reachingDisk = heardLater(handle.datasync());
      }
      onProgress(done);
    }
    await writing;
    await reachingDisk;
    await handle.sync().catch(writeFailure);
  } finally {
    await Promise.allSettled([writing, reachingDisk]);
    await handle.close().catch(writeFailure);
  }
}

/** A failure is a Problem, for whoever awaits it at the next piece or at the end. */
function heardLater(work: Promise<void>): Promise<void> {
  const outcome = work.catch(writeFailure);
  outcome.catch(() => undefined);
  return outcome;
}

/** One folder after the other, so that none of them is a link that leads elsewhere. The first is the person's own choice. */
async function makeFolders(folder: string, segments: readonly string[]): Promise<string> {
  let home = folder;
  for (const segment of segments) {
    home = join(home, segment);
    await mkdir(home).catch(() => undefined);
    const about = await lstat(home).catch(writeFailure);
    if (!about.isDirectory()) writeFailure();
  }
  return home;
}

/** Gives the finished file the first free name, in one step that never replaces anything. */
async function place(temporary: string, home: string, name: string): Promise<string> {
  for (let copy = 1; copy <= COPY_LIMIT; copy++) {
    const path = join(home, copy === 1 ? name : copyName(name, copy));
    try {
      await link(temporary, path);
      return path;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") continue;
      if (code === undefined || !NO_LINKS.has(code)) writeFailure();
      if (await moved(temporary, path)) return path;
    }
  }
  return writeFailure();
}

/** File systems of memory cards and network drives know no second name for a file. */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EACCES"]);

async function moved(temporary: string, path: string): Promise<boolean> {
  const isTaken = await lstat(path).then(
    () => true,
    () => false,
  );
  if (isTaken) return false;
  await rename(temporary, path).catch(writeFailure);
  return true;
}

function writeFailure(): never {
  throw cliProblem("cli/unwritable-folder");
}
