/** The data folder: where everything lies, and the secrets that are made at the first start. */
import { access, constants, mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { base64UrlBytes, base64UrlText, type Bytes, isProblem } from "@safeconduct/foundation";
import { lockFolder } from "@safeconduct/sqlite";
import { EXIT, StartFailure } from "./exit.ts";

export interface HomeFolder {
  readonly database: string;
  readonly blobs: string;
  readonly ledger: string;
  /** The key service's own folder. */
  readonly keys: string;
  readonly secrets: string;
}

/** Where everything lies in `home`. */
export function homeFolder(home: string): HomeFolder {
  const [blobs, ledger, keys, secrets] = [
    join(home, "blobs"),
    join(home, "ledger"),
    join(home, "keys"),
    join(home, "secrets"),
  ];
  return { database: join(home, "safeconduct.sqlite"), blobs, ledger, keys, secrets };
}

/** Makes the folder if it is not there. Throws {@link StartFailure} with one line when it cannot be used. */
export async function openHome(home: string): Promise<HomeFolder> {
  const paths = homeFolder(home);
  const { database: _file, ...folders } = paths;
  try {
    for (const folder of [home, ...Object.values(folders)]) await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new StartFailure(
      EXIT.cannotCreate,
      `The data folder ${home} cannot be written. Choose another with --home, or change its permissions.`,
    );
  }
  return paths;
}

/** One process at a time has a data folder. Throws {@link StartFailure}. */
export function lockHome(home: string): { release(): void } {
  try {
    return lockFolder(home);
  } catch (error) {
    if (isProblem(error) && error.code === "store/already-open") {
      throw new StartFailure(
        EXIT.alreadyOpen,
        `The data folder ${home} is already open in another Safeconduct. Stop that one, or choose another folder with --home.`,
      );
    }
    throw error;
  }
}

/** A secret that is there already; with this for its maker it must be. */
export const NEVER_MADE = null;

/** The secret in `file`, as text; the first start makes it with `make`. Written whole or not at all, readable by its owner only. */
export async function secretText(file: string, make: (() => string | Promise<string>) | null): Promise<string> {
  const known = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (known !== null) return known;
  if (make === NEVER_MADE) {
    throw new StartFailure(EXIT.damaged, `The secret ${file} is missing. Restore it from your backup.`);
  }
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
export async function secretBytes(
  file: string,
  length: number,
  make: (() => Bytes | Promise<Bytes>) | null,
): Promise<Bytes> {
  const makeText = make === NEVER_MADE ? NEVER_MADE : async () => base64UrlText(await make());
  const bytes = base64UrlBytes(await secretText(file, makeText));
  if (bytes?.length !== length)
    throw new StartFailure(EXIT.damaged, `The secret ${file} is damaged. Restore it from your backup.`);
  return bytes;
}
