/**
 * The parts of an instance, opened for a check: nothing is made that is not there, and what does not open is told as a finding
 * as long as anything else can still be looked at.
 */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { blobAudit } from "@safeconduct/blob-fs";
import type { Findings, InstanceParts, KeyInventory, KeyLogCopy } from "@safeconduct/exchange";
import { type Clock, type CryptoPorts, hexBytes, isProblem, type Sha256 } from "@safeconduct/foundation";
import { keyLogKey, openStatement, SIGNING_KEY_BYTES } from "@safeconduct/keyring";
import { type KeyServiceClient, type LedgerToShow, openKeyServiceClient } from "@safeconduct/keys-http";
import { formatVerifierKey } from "@safeconduct/ledger";
import { openTileFolder } from "@safeconduct/ledger-fs";
import { isWholeDatabase, type OpenSqlite } from "@safeconduct/sqlite";
import { openDatabase } from "../database.ts";
import { EXIT, StartFailure } from "../exit.ts";
import { type HomeFolder, homeFolder, lockHome } from "../home-folder.ts";
import { startKeyProcess } from "../key-process.ts";
import type { Log } from "../log.ts";
import type { ServerSettings } from "../settings.ts";
import { openSecrets, type Secrets } from "../secrets.ts";

export interface OpenedInstance {
  readonly home: HomeFolder;
  readonly secrets: Secrets;
  /** Null when the database does not open. */
  readonly parts: InstanceParts | null;
  /** A client that shows the key service this ledger; null when the key service does not start. */
  readonly connect: ((ledger: LedgerToShow) => KeyServiceClient) | null;
}

type Places = Pick<ServerSettings, "home" | "postgres" | "master">;

interface Ports {
  readonly crypto: CryptoPorts;
  readonly clock: Clock;
  readonly log: Log;
  readonly say: (line: string) => void;
  readonly closers: (() => unknown)[];
}

/** Throws {@link StartFailure} where there is nothing to check or it is in use. */
export async function openInstance(ports: Ports, places: Places, findings: Findings): Promise<OpenedInstance> {
  const { crypto, closers, log } = ports;
  const home = homeFolder(places.home);
  if (!(await isThere(home.secrets)) || !(places.postgres !== null || (await isThere(home.database)))) {
    throw new StartFailure(
      EXIT.unavailable,
      `There is no instance in ${places.home}. Name its data folder with --home.`,
    );
  }
  const lock = lockHome(places.home);
  closers.push(() => lock.release());
  const secrets = await openSecrets(home.secrets, crypto, { isNew: false });
  const keys = await openKeys(ports, home, { secrets, master: places.master });
  const store = await openStore(places.postgres, home, findings, log);
  if (store !== null) closers.push(() => store.close());
  const tiles = openTileFolder(home.ledger);
  const parts: InstanceParts | null = store && {
    store: store.store,
    ledger: {
      readTile: (path) => tiles.readTile(path),
      checkpointText: await tiles.readCheckpoint(),
      logKey: secrets.ledger.key,
    },
    blobs: blobAudit({ folder: home.blobs }),
    keys: keys === null ? null : inventoryOf(crypto, keys, formatVerifierKey(secrets.ledger.key)),
    keyLog: await keyLogCopy(crypto.sha256, home),
    now: ports.clock.now(),
    sha256: crypto.sha256,
    signatures: crypto.signatures,
  };
  return { home, secrets, parts, connect: keys?.connect ?? null };
}

async function openStore(
  postgres: Places["postgres"],
  { database }: HomeFolder,
  findings: Findings,
  log: Log,
): Promise<Pick<OpenSqlite, "store" | "close"> | null> {
  const damaged = postgres === null && !isWholeDatabase(database);
  if (damaged) findings.add("database/damaged");
  try {
    const { store } = await openDatabase(postgres, database, log);
    return { store, close: () => store.close() };
  } catch (error) {
    if (!damaged && !(isProblem(error) && error.code === "store/damaged")) throw error;
    if (!damaged) findings.add("database/damaged");
    return null;
  }
}

interface Keys {
  readonly connect: (ledger: LedgerToShow) => KeyServiceClient;
  readonly signingPublicKey: Uint8Array;
}

/** Null when it does not start; its own words go to `say`. */
async function openKeys(
  { crypto, clock, log, say, closers }: Ports,
  home: HomeFolder,
  { secrets, master }: { secrets: Secrets; master: string | null },
): Promise<Keys | null> {
  const pinFile = pinFileOf(home);
  // Starting it on an empty folder would make another key service, and without the pin nobody could tell.
  if (!(await isThere(join(home.keys, "version"))) || !(await isThere(pinFile))) {
    say(`The key service's folder ${home.keys} or the file ${pinFile} is not there.\n`);
    return null;
  }
  try {
    const running = await startKeyProcess({
      folder: home.keys,
      pinFile,
      apiPublicKey: secrets.api.publicKey,
      ledgerKey: formatVerifierKey(secrets.ledger.key),
      master,
      log,
      // Its log is JSON; only what it says in words is for whoever reads the report.
      say: (line) => {
        if (!line.startsWith("{")) say(line);
      },
    });
    closers.push(() => running.stop());
    const { url, signingPublicKey } = running;
    const pinned = { signingPublicKey };
    const apiSigningKey = secrets.api.privateKey;
    const connect = (ledger: LedgerToShow) =>
      openKeyServiceClient({ ...crypto, clock }, { url, apiSigningKey, pinned, ledger });
    return { connect, signingPublicKey };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    say(`${error.message}\n`);
    return null;
  }
}

const pinFileOf = ({ secrets }: HomeFolder): string => join(secrets, "key-service.pin");

/** From the folder alone: also of a key service that does not start. Null without its pinned key. */
async function keyLogCopy(sha256: Sha256, home: HomeFolder): Promise<KeyLogCopy | null> {
  const pin = await readFile(pinFileOf(home), "utf8").catch(() => "");
  const publicKey = hexBytes(pin.trim());
  if (publicKey?.length !== SIGNING_KEY_BYTES || !(await isThere(home.keys))) return null;
  const tiles = openTileFolder(join(home.keys, "log"));
  return {
    readTile: (path) => tiles.readTile(path),
    checkpointText: () => tiles.readCheckpoint(),
    logKey: keyLogKey(sha256, publicKey),
  };
}

/** Questions alone: it is shown no ledger, so it signs and destroys nothing. */
function inventoryOf(crypto: CryptoPorts, { connect, signingPublicKey }: Keys, ledgerKey: string): KeyInventory {
  const client = connect({
    current: () => ({ size: 0, checkpointText: "" }),
    prove: async () => [],
  });
  return {
    inventory: () => client.inventory(),
    async openDestruction(signed) {
      const publicKey = new Uint8Array(signingPublicKey);
      const statement = await openStatement(crypto.signatures, { publicKey, signed: new Uint8Array(signed) });
      if (statement?.kind === "transfer-shred") return statement.transfer;
      return statement?.kind === "grant-shred" ? statement.grant : null;
    },
    async ledgerSeen() {
      const { verifierKey, checkpoint } = await client.ledgerState();
      return verifierKey === ledgerKey && checkpoint !== "" ? checkpoint : null;
    },
  };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
