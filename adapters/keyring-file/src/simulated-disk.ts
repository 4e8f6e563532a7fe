/**
 * A disk for tests that keeps what was written apart from what was made durable. It can fail one operation, or crash at
 * one and then come back with everything, nothing or an unlucky half of what had not been synced.
 */
import { dirname } from "node:path";
import { type Bytes, copyBytes } from "@safeconduct/foundation";
import type { FileSystem, OpenFile } from "./file-system.ts";

interface Inode {
  written: Bytes;
  durable: Bytes;
}

/** What of the unsynced a crash leaves. */
export const CRASH_REMAINS = [
  "everything",
  "nothing",
  "names without content",
  "content without names",
  "removals without new names",
] as const;
export type CrashRemains = (typeof CRASH_REMAINS)[number];

/** The operation failed, as a full or broken disk fails it. */
export class DiskError extends Error {
  override readonly name = "DiskError";
}

export class SimulatedDisk implements FileSystem {
  /** Operations so far that change or sync something. */
  operations = 0;
  /** The operation of this number fails; after a crash all later ones do too. */
  fault: { readonly at: number; readonly kind: "failure" | "crash" } | null = null;
  private names = new Map<string, Inode>();
  private durableNames = new Map<string, Inode>();

  async makeFolder(): Promise<void> {}

  async list(folder: string): Promise<readonly string[]> {
    return [...this.names.keys()]
      .filter((path) => dirname(path) === folder)
      .map((path) => path.slice(folder.length + 1));
  }

  async read(path: string): Promise<Bytes | null> {
    const inode = this.names.get(path);
    return inode === undefined ? null : copyBytes(inode.written);
  }

  async create(path: string): Promise<OpenFile> {
    this.step();
    const inode = this.names.get(path) ?? { written: new Uint8Array(0), durable: new Uint8Array(0) };
    inode.written = new Uint8Array(0);
    this.names.set(path, inode);
    return this.handle(inode);
  }

  async open(path: string): Promise<OpenFile | null> {
    const inode = this.names.get(path);
    return inode === undefined ? null : this.handle(inode);
  }

  async rename(from: string, to: string): Promise<void> {
    this.step();
    const inode = this.names.get(from);
    if (inode === undefined) throw new DiskError("no such file");
    this.names.delete(from);
    this.names.set(to, inode);
  }

  async remove(path: string): Promise<void> {
    this.step();
    this.names.delete(path);
  }

  async syncFolder(folder: string): Promise<void> {
    this.step();
    for (const path of this.durableNames.keys()) {
      if (dirname(path) === folder && !this.names.has(path)) this.durableNames.delete(path);
    }
    for (const [path, inode] of this.names) if (dirname(path) === folder) this.durableNames.set(path, inode);
  }

  /** The disk after a power cut. */
  reboot(remains: CrashRemains): SimulatedDisk {
    const disk = new SimulatedDisk();
    const names = this.namesAfter(remains);
    const contentKept = remains === "everything" || remains === "content without names";
    for (const [path, { written, durable }] of names) {
      const content = copyBytes(contentKept ? written : durable);
      disk.names.set(path, { written: content, durable: content });
    }
    disk.durableNames = new Map(disk.names);
    return disk;
  }

  private namesAfter(remains: CrashRemains): ReadonlyMap<string, Inode> {
    switch (remains) {
      case "everything":
      case "names without content":
        return this.names;
      case "nothing":
      case "content without names":
        return this.durableNames;
      case "removals without new names":
        return new Map([...this.durableNames].filter(([path]) => this.names.has(path)));
    }
  }

  /** Every content that a name leads to, on the disk or on its way there. */
  contents(): readonly Bytes[] {
    const inodes = new Set([...this.names.values(), ...this.durableNames.values()]);
    return [...inodes].flatMap(({ written, durable }) => [written, durable]);
  }

  paths(): readonly string[] {
    return [...this.names.keys()].sort();
  }

  /** Changes a file behind everybody's back. */
  tamper(path: string, content: Bytes | null): void {
    if (content === null) this.names.delete(path);
    else this.names.set(path, { written: content, durable: content });
    this.durableNames = new Map(this.names);
  }

  private handle(inode: Inode): OpenFile {
    return {
      write: async (bytes, offset) => {
        const whole = this.attempt();
        // A failing write leaves half of what it was given.
        const part = whole ? bytes : bytes.subarray(0, bytes.length >> 1);
        const grown = new Uint8Array(Math.max(inode.written.length, offset + part.length));
        grown.set(inode.written);
        grown.set(part, offset);
        inode.written = grown;
        if (!whole) throw new DiskError("write");
      },
      truncate: async (lengthBytes) => {
        this.step();
        inode.written = copyBytes(inode.written.subarray(0, lengthBytes));
      },
      sync: async () => {
        this.step();
        inode.durable = copyBytes(inode.written);
      },
      close: async () => undefined,
    };
  }

  private step(): void {
    if (!this.attempt()) throw new DiskError("operation");
  }

  private attempt(): boolean {
    this.operations += 1;
    if (this.fault === null) return true;
    const { at, kind } = this.fault;
    return kind === "failure" ? this.operations !== at : this.operations < at;
  }
}
