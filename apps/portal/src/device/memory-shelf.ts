/** A shelf in memory for tests: what was written goes through the stored bytes, and two keepers of one shelf are two tabs. */
import type { MemberId } from "@safeconduct/foundation";
import type { DeviceShelf, Kept } from "./device-shelf.ts";
import { decodeKept, encodeKept } from "./kept-device.ts";

export interface MemoryShelf extends DeviceShelf {
  readonly held: Map<MemberId, Uint8Array>;
  /** Called before each writing; what it throws is what the browser says. */
  beforeWrite: (kept: Kept) => void;
}

export function memoryShelf(): MemoryShelf {
  const held = new Map<MemberId, Uint8Array>();
  let line: Promise<unknown> = Promise.resolve();
  const shelf: MemoryShelf = {
    held,
    beforeWrite: () => undefined,
    alone(work) {
      const done = line.then(work);
      line = done.catch(() => undefined);
      return done;
    },
    async read(member) {
      const bytes = held.get(member);
      return bytes === undefined ? null : decodeKept(bytes);
    },
    async write(member, kept) {
      shelf.beforeWrite(kept);
      held.set(member, encodeKept(kept));
    },
    async remove(member) {
      held.delete(member);
    },
    askToLast: async () => undefined,
    lasts: async () => true,
    watch: () => () => undefined,
  };
  return shelf;
}
