/**
 * The ledger's port `WitnessMemory` in a folder: one file for each log, named after a hash of its origin, which may hold
 * anything. One witness at a time: the app above holds the lock of the folder.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { ledgerProblem, type WitnessMemory } from "@safeconduct/ledger";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { noteFile } from "./note-file.ts";

/** Makes the folder where it is not there yet. Unreadable content is refused with `ledger/foreign-checkpoint`, never begun anew. */
export async function openWitnessFolder(folder: string, files: FileSystem = nodeFileSystem): Promise<WitnessMemory> {
  await files.makeFolder(folder);
  await files.syncFolder(dirname(folder));
  const pathOf = (origin: string) => join(folder, createHash("sha256").update(origin).digest("hex"));
  return {
    async read(origin) {
      const path = `${pathOf(origin)}.checkpoint`;
      const text = await noteFile(path, files).read();
      if (text === null && (await files.read(path)) !== null) throw ledgerProblem("ledger/foreign-checkpoint");
      return text;
    },
    write: (origin, text) => noteFile(`${pathOf(origin)}.checkpoint`, files).write(text),
    async keepConflict(origin, text) {
      const file = noteFile(`${pathOf(origin)}.conflict`, files);
      // The first is proof enough; a log that forks on and on must not fill the disk.
      if ((await file.read()) === null) await file.write(text);
    },
  };
}
