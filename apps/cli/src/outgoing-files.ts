/** Files of this machine, ready to send: folders walked, names made safe for every system, read by range one after the other. */
import type { FileHandle } from "node:fs/promises";
import { open, readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { mediaTypeOf, type OutgoingFile, outgoingPaths } from "@safeconduct/client";
import { SEGMENT_PLAINTEXT_BYTES } from "@safeconduct/envelope";
import { cliProblem } from "./errors.ts";

/** Where a file was found and what it was then, to see later whether it still is. */
export interface Source {
  readonly path: string;
  readonly sizeBytes: number;
  /** Nanoseconds since the epoch, in digits. */
  readonly modifiedAt: string;
}

export interface OutgoingSet {
  readonly files: readonly OutgoingFile[];
  /** In the order of the files. */
  readonly sources: readonly Source[];
  /** Names that had to be changed. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  close(): Promise<void>;
}

/** Problem `cli/unreadable-file`; the message names which argument by its position, not the file. */
export async function openFiles(paths: readonly string[]): Promise<OutgoingSet> {
  const found: { path: string; name: string }[] = [];
  for (const path of paths) await collect(resolve(path), basename(resolve(path)), found);
  const names = outgoingPaths(found.map(({ name }) => name));
  const ahead = new FileReadAhead();
  const close = () => ahead.close();
  try {
    const files: OutgoingFile[] = [];
    const sources: Source[] = [];
    for (const [position, { path }] of found.entries()) {
      const name = names[position] ?? "file";
      const source = await readableSource(path);
      sources.push(source);
      files.push({
        path: name,
        mediaType: mediaTypeOf(name),
        sizeBytes: source.sizeBytes,
        read: (offset, length) => ahead.read(path, offset, length),
      });
    }
    const renamed = found.flatMap(({ name }, position) =>
      names[position] === name ? [] : [{ from: name, to: names[position] ?? "" }],
    );
    return { files, sources, renamed, close };
  } catch {
    await close();
    throw cliProblem("cli/unreadable-file");
  }
}

/** The same files again, by range, in the same order. Problem `cli/source-changed` unless each is what it was. */
export async function reopenFiles(
  sources: readonly Source[],
): Promise<{ read: readonly OutgoingFile["read"][]; close(): Promise<void> }> {
  for (const { path, sizeBytes, modifiedAt } of sources) {
    const now = await readableSource(path).catch(() => null);
    if (now?.sizeBytes !== sizeBytes || now.modifiedAt !== modifiedAt) throw cliProblem("cli/source-changed");
  }
  const ahead = new FileReadAhead();
  const read = sources.map(
    ({ path }) =>
      (offset: number, length: number) =>
        ahead.read(path, offset, length),
  );
  return { read, close: () => ahead.close() };
}

/** Whoever cannot read one of a thousand files hears it before the first is sent. */
async function readableSource(path: string): Promise<Source> {
  const handle = await open(path, "r");
  try {
    const { size, mtimeNs } = await handle.stat({ bigint: true });
    return { path, sizeBytes: Number(size), modifiedAt: `${mtimeNs}` };
  } finally {
    await handle.close();
  }
}

async function collect(path: string, name: string, found: { path: string; name: string }[]): Promise<void> {
  const about = await stat(path).catch(() => {
    throw cliProblem("cli/unreadable-file");
  });
  if (about.isFile()) {
    found.push({ path, name });
    return;
  }
  if (!about.isDirectory()) throw cliProblem("cli/unreadable-file");
  for (const entry of (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // A link could lead out of the folder that the person chose.
    if (entry.isFile() || entry.isDirectory()) await collect(join(path, entry.name), `${name}/${entry.name}`, found);
  }
}

/**
 * Reads the piece behind the last one while that is being encrypted. Two memories take turns, so that a piece stays until
 * the next is asked for: with fresh memory for each, gigabytes pass through the collector.
 */
class FileReadAhead {
  private readonly memories: Uint8Array<ArrayBuffer>[] = [new Uint8Array(0), new Uint8Array(0)];
  private coming: Reading | null = null;
  private file: { readonly path: string; readonly handle: FileHandle } | null = null;

  /** Problem `cli/unreadable-file` where it could be read before and cannot any more. */
  async read(path: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const handle = await this.opened(path);
    const { coming } = this;
    const isHere = coming !== null && coming.offset === offset && coming.length >= length;
    if (!isHere) await this.settled();
    const reading = isHere ? coming : this.start(handle, offset, length);
    this.coming = null;
    const bytes = (await reading.bytes).subarray(0, length);
    // Behind a smaller piece another file begins.
    if (bytes.length === length && length >= SEGMENT_PLAINTEXT_BYTES)
      this.coming = this.start(handle, offset + length, length);
    return bytes;
  }

  async close(): Promise<void> {
    await this.settled();
    await this.file?.handle.close();
    this.file = null;
  }

  /** A package is read file after file, so one is open at a time: thousands would cost memory, and some systems allow few. */
  private async opened(path: string): Promise<FileHandle> {
    if (this.file?.path === path) return this.file.handle;
    await this.close();
    const handle = await open(path, "r").catch(() => {
      throw cliProblem("cli/unreadable-file");
    });
    this.file = { path, handle };
    return handle;
  }

  /** No read is under way any more. */
  private async settled(): Promise<void> {
    await this.coming?.bytes.catch(() => undefined);
    this.coming = null;
  }

  private start(handle: FileHandle, offset: number, length: number): Reading {
    const memory = this.memories.shift() ?? new Uint8Array(0);
    const target = memory.length < length ? new Uint8Array(length) : memory;
    this.memories.push(target);
    const bytes = readRange(handle, offset, target.subarray(0, length));
    // Heard of when the piece is asked for, if ever.
    bytes.catch(() => undefined);
    return { offset, length, bytes };
  }
}

interface Reading {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
}

/** Fills `buffer` from `offset` of the file on; answers what of it is filled, less than all only where the file ends. */
async function readRange(handle: FileHandle, offset: number, buffer: Uint8Array<ArrayBuffer>) {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
