/** The data folder: where everything lies, and the secrets that are made at the first start. */
import { access, constants, mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { base64UrlBytes, base64UrlText, type Bytes } from "@safeconduct/foundation";
import { EXIT, StartFailure } from "./exit.ts";

export interface HomeFolder {
  readonly database: string;
  readonly blobs: string;
  readonly ledger: string;
  /** The key service's own folder. */
  readonly keys: string;
  readonly secrets: string;
}

/** Makes the folder if it is not there. Throws {@link StartFailure} with one line when it cannot be used. */
export async function openHome(home: string): Promise<HomeFolder> {
  const folders = {
    blobs: join(home, "blobs"),
    ledger: join(home, "ledger"),
    keys: join(home, "keys"),
    secrets: join(home, "secrets"),
  };
  try {
    for (const folder of [home, ...Object.values(folders)]) await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new StartFailure(
      EXIT.cannotCreate,
      `The data folder ${home} cannot be written. Choose another with --home, or change its permissions.`,
    );
  }
  return { database: join(home, "safeconduct.sqlite"), ...folders };
}

/** The secret in `file`, as text; the first start makes it with `make`. Written whole or not at all, readable by its owner only. */
export async function secretText(file: string, make: () => string | Promise<string>): Promise<string> {
  const known = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (known !== null) return known;
  const text = await make();
  const temporary = `${file}.new`;
  await unlink(temporary).catch(() => undefined);
  const handle = await open(temporary, "wx", 0o600);
  await handle.writeFile(text);
  await handle.sync();
  await handle.close();
  await rename(temporary, file);
  const folder = await open(dirname(file), "r");
  await folder.sync();
  await folder.close();
  return text;
}

/** As {@link secretText}, for `length` bytes kept as base64url. */
export async function secretBytes(file: string, length: number, make: () => Bytes | Promise<Bytes>): Promise<Bytes> {
  const bytes = base64UrlBytes(await secretText(file, async () => base64UrlText(await make())));
  if (bytes?.length !== length)
    throw new StartFailure(EXIT.damaged, `The secret ${file} is damaged. Restore it from your backup.`);
  return bytes;
}
