/** The key service put together: folder, ring, log, listener. */
import { join } from "node:path";
import { equalBytes, type Bytes, type Clock, type CryptoPorts, utf8Bytes } from "@safeconduct/foundation";
import type { VerifierKey } from "@safeconduct/ledger";
import { type ClockState, DamagedStore, type KeyServiceIdentity, openKeyService } from "@safeconduct/keyring";
import {
  FolderInUse,
  type KeyFolder,
  openKeyFolder,
  readTokenAddress,
  type TokenAddress,
  type TokenUri,
} from "@safeconduct/keyring-file";
import { openTileStore } from "@safeconduct/ledger-fs";
import { CannotStart, EXIT_CODES } from "./exit-codes.ts";
import { readCustodians } from "./custodians-file.ts";
import { drawIdentity, readIdentity } from "./identity-file.ts";
import { keysListener } from "./listener.ts";
import type { KeysLog } from "./log.ts";

/** Only from this machine. */
const HOST = "127.0.0.1";
/** Its own log, in the key folder. */
const LOG_FOLDER = "log";

export interface KeyServerPorts {
  readonly crypto: CryptoPorts;
  readonly clock: Clock;
  readonly log: KeysLog;
  /** Called once if a write failed in a way that only a new start can judge. */
  readonly onStoreLost: () => void;
}

export interface KeyServer {
  readonly port: number;
  /** What clients pin. */
  readonly signingPublicKey: Bytes;
  /**
   * To be called now and then: notices jumps of the clock, writes down how far time has come, and destroys intake keys
   * that are out of use, and brings its own log up to the ring. Never rejects.
   */
  keepTime(): Promise<void>;
  /** Answers what has arrived, then lets go of port and folder. */
  close(): Promise<void>;
}

/** Throws `CannotStart`; nothing is left open then. */
export async function startKeyServer(
  ports: KeyServerPorts,
  {
    home,
    port,
    apiPublicKey,
    ledgerKey,
    master,
  }: {
    home: string;
    port: number;
    apiPublicKey: Bytes;
    ledgerKey?: VerifierKey | undefined;
    /** The token that holds the master keys; files otherwise. */
    master?: TokenUri | undefined;
  },
): Promise<KeyServer> {
  const folder = await openFolder(ports, { home, master });
  try {
    const identity = readIdentity(await folder.readOrMake("identity", () => drawIdentity(ports.crypto)));
    await requireWhole(ports.crypto, identity);
    const pinned = await folder.readOrMake("api-public-key", async () => apiPublicKey);
    if (!equalBytes(pinned, apiPublicKey)) {
      throw new CannotStart(EXIT_CODES.otherApiKey, "The key folder is pinned to another API key.");
    }
    const { crypto, clock, log, onStoreLost } = ports;
    const custodians = readCustodians(await folder.read("custodians"));
    const onClockState = (state: ClockState) => log({ event: "keys/clock", state });
    const ownLog = await openTileStore(join(home, LOG_FOLDER));
    const opened = { store: folder.store, log: ownLog, crypto, clock, identity, apiPublicKey };
    const watched = ledgerKey === undefined ? {} : { ledgerKey };
    const service = await openKeyService({ ...opened, ...watched, custodians, onStoreLost, onClockState });
    const keys = { signing: identity.signing, apiPublicKey };
    const listener = keysListener({ service, crypto, clock, log, keys });
    // What failed is tried again with the next turn, and told by `onStoreLost` if it lasts.
    const followLog = () => service.followLog().catch(() => log({ event: "keys/log-behind" }));
    const keepTime = async () => {
      await service.keepTime().catch(() => undefined);
      await service.destroyOldIntake().catch(() => undefined);
      await followLog();
    };
    const close = async () => {
      await listener.close();
      await service.settle().catch(() => undefined);
      await service.idle();
      await followLog();
      await folder.close();
    };
    await listener.listen({ host: HOST, port }).catch(async () => {
      await listener.close();
      throw new CannotStart(EXIT_CODES.cannotListen, `Port ${port} cannot be listened on; it may be taken.`);
    });
    const address = listener.server.address();
    if (address === null || typeof address === "string") throw new Error("the listener has no port");
    return { port: address.port, signingPublicKey: identity.signing.publicKey, keepTime, close };
  } catch (error) {
    await folder.close();
    throw asCannotStart(error);
  }
}

/** A pair that does not fit would sign what nobody accepts. Throws `DamagedStore`. */
async function requireWhole({ signatures }: CryptoPorts, { signing }: KeyServiceIdentity): Promise<void> {
  const message = utf8Bytes("safeconduct/keys/identity-check");
  const signature = await signatures.sign(signing.privateKey, message);
  if (!(await signatures.verify(signing.publicKey, message, signature)))
    throw new DamagedStore("the identity file is damaged");
}

async function openFolder(
  { crypto }: KeyServerPorts,
  { home, master }: { home: string; master: TokenUri | undefined },
): Promise<KeyFolder> {
  const token = master === undefined ? {} : { token: await readToken(master) };
  try {
    return await openKeyFolder({ ...crypto, ...token }, home);
  } catch (error) {
    throw asCannotStart(error);
  }
}

function readToken(master: TokenUri): Promise<TokenAddress> {
  return readTokenAddress(master).catch(() => {
    throw new CannotStart(EXIT_CODES.usage, "The file with the token's PIN cannot be read, or is empty.");
  });
}

function asCannotStart(error: unknown): unknown {
  if (error instanceof FolderInUse) {
    return new CannotStart(EXIT_CODES.folderInUse, "The key folder is open in another process.");
  }
  if (error instanceof DamagedStore) {
    return new CannotStart(
      EXIT_CODES.damaged,
      `The key folder cannot be opened: ${error.message}. Nothing was changed.`,
    );
  }
  // Errors of the file system carry a code such as EACCES, and a path that is not repeated here.
  if (error instanceof Error && "code" in error && ("syscall" in error || "errcode" in error)) {
    const reason = `The key folder cannot be used (${String(error.code)}).`;
    return new CannotStart(EXIT_CODES.cannotUseFolder, reason);
  }
  return error;
}
