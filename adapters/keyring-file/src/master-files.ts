/**
 * Master keys as files of 32 bytes, one for each generation. Destroying one overwrites it, makes that durable and
 * removes the name. What copy-on-write file systems, snapshots and SSDs keep of it is the operator's duty.
 */
import { join } from "node:path";
import type { Aead, Random } from "@safeconduct/foundation";
import { DamagedStore, type MasterHolder } from "@safeconduct/keyring";
import { type FileSystem, writeDurably } from "./file-system.ts";

const MASTER_BYTES = 32;
const NAME = /^master-([1-9][0-9]{0,15})$/;

export interface MasterFilesPorts {
  readonly files: FileSystem;
  readonly aead: Aead;
  readonly random: Random;
}

export function masterFiles({ files, aead, random }: MasterFilesPorts, folder: string): MasterHolder {
  const pathOf = (generation: number) => join(folder, `master-${generation}`);

  const destroy = async (generation: number): Promise<void> => {
    const file = await files.open(pathOf(generation));
    if (file === null) return;
    try {
      await file.write(new Uint8Array(MASTER_BYTES), 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.remove(pathOf(generation));
    await files.syncFolder(folder);
  };

  return {
    async create(generation) {
      await destroy(generation);
      const master = random.bytes(MASTER_BYTES);
      await writeDurably(files, pathOf(generation), master);
      await files.syncFolder(folder);
      const key = await aead.importKey(master);
      master.fill(0);
      return key;
    },

    async open(generation) {
      const master = await files.read(pathOf(generation));
      if (master === null) return null;
      if (master.length !== MASTER_BYTES) throw new DamagedStore("the master key is damaged");
      const key = await aead.importKey(master);
      master.fill(0);
      return key;
    },

    destroy,

    async generations() {
      const names = await files.list(folder);
      return names.flatMap((name) => {
        const match = NAME.exec(name);
        return match === null ? [] : [Number(match[1])];
      });
    },
  };
}
