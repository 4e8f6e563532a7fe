/** A file for a secret: only its owner can read it, it never replaces another, and it is there before the secret is. */
import { type FileHandle, open, rm } from "node:fs/promises";
import { cliProblem } from "./errors.ts";

export interface SecretFile {
  /** Durably, and closes. */
  write(text: string): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** Problem `cli/unwritable-folder`, also when a file of that name is there. */
export async function newSecretFile(path: string): Promise<SecretFile> {
  const handle: FileHandle = await open(path, "wx", 0o600).catch(() => {
    throw cliProblem(
      "cli/unwritable-folder",
      "That file cannot be made: its folder is not there, or a file of that name is. Nothing was changed.",
    );
  });
  return {
    async write(text) {
      await handle.writeFile(text);
      await handle.sync();
      await handle.close();
    },
    async discard() {
      // Written and closed already, perhaps.
      await handle.close().catch(() => undefined);
      await rm(path, { force: true });
    },
  };
}
