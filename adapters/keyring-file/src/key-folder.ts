/**
 * A key folder: the instance lock, the ring with its journal and masters, and small secret files of the key service
 * that are made once (its own keys, the API's pinned key). In no backup: see docs/formats/ring.md.
 */
import { join } from "node:path";
import type { Aead, Bytes, Random } from "@safeconduct/foundation";
import { DamagedStore, type RingStore } from "@safeconduct/keyring";
import { type FileSystem, nodeFileSystem, writeDurably } from "./file-system.ts";
import { readFolderVersion } from "./folder-version.ts";
import { lockInstance } from "./instance-lock.ts";
import { masterFiles } from "./master-files.ts";
import type { TokenAddress } from "./token-address.ts";
import { tokenMasters } from "./token-masters.ts";
import { RingFolder } from "./ring-folder.ts";

export interface KeyFolderPorts {
  readonly aead: Aead;
  readonly random: Random;
  /** A PKCS#11 token that holds the master keys; files beside the ring otherwise. */
  readonly token?: TokenAddress;
  /** For fault tests; the real one otherwise. */
  readonly files?: FileSystem;
}

export interface KeyFolder {
  readonly store: RingStore;
  /**
   * The content of the file `name`; `make` is asked for it in a new folder, that is before the store's first opening.
   * Durable when it returns. Throws `DamagedStore` if it is missing later.
   */
  readOrMake(name: "identity" | "api-public-key", make: () => Promise<Bytes>): Promise<Bytes>;
  /** The content of a file that the operator may have put there, or null. */
  read(name: "custodians"): Promise<Bytes | null>;
  /** Lets go of the files and of the lock. */
  close(): Promise<void>;
}

/** Makes `folder` if it is missing. Throws `FolderInUse`, and what the file system throws. */
export async function openKeyFolder(
  { aead, random, token, files = nodeFileSystem }: KeyFolderPorts,
  folder: string,
): Promise<KeyFolder> {
  const mastersFolder = join(folder, "masters");
  await files.makeFolder(folder);
  const unlock = lockInstance(join(folder, "lock"));
  try {
    await files.makeFolder(mastersFolder);
    await files.syncFolder(folder);
    const masters =
      token === undefined
        ? masterFiles({ files, aead, random }, mastersFolder)
        : tokenMasters({ files, aead, random }, mastersFolder, token);
    const store = new RingFolder({ files, masters, random }, folder);
    return {
      store,
      readOrMake: async (name, make) => {
        const path = join(folder, name);
        const stored = await files.read(path);
        if (stored !== null) return stored;
        // A second identity would not be the one that clients pinned.
        if ((await readFolderVersion(files, folder)) === "ready") {
          throw new DamagedStore(`the file "${name}" of the key folder is missing`);
        }
        const made = await make();
        await writeDurably(files, `${path}.new`, made);
        await files.rename(`${path}.new`, path);
        await files.syncFolder(folder);
        return made;
      },
      read: (name) => files.read(join(folder, name)),
      close: async () => {
        await store.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
