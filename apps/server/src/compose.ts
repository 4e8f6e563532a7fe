/** The composition root: opens every part in order and ties them together. What was opened is closed again when a later part fails. */
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBlobFolder } from "@safeconduct/blob-fs";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { keyLogKey } from "@safeconduct/keyring";
import {
  accountMailDeliverer,
  codeMailDeliverer,
  destroyDueOf,
  invitationMailDeliverer,
  problemMailDeliverer,
  openSetup,
  Outbox,
  sweep,
  TestMails,
} from "@safeconduct/exchange";
import { factorSecrets, migrateIdentity, sqlIdentity } from "@safeconduct/identity-sql";
import { openKeyServiceClient } from "@safeconduct/keys-http";
import { formatVerifierKey } from "@safeconduct/ledger";
import { openTileFolder } from "@safeconduct/ledger-fs";
import { systemClock, systemRandom } from "@safeconduct/system";
import { webauthnPasskeys } from "@safeconduct/webauthn";
import type { FastifyInstance } from "fastify";
import { blobUrls } from "./blob-urls.ts";
import { openDatabase } from "./database.ts";
import { EXIT, StartFailure } from "./exit.ts";
import { lockHome, openHome } from "./home-folder.ts";
import { buildApp } from "./http/app.ts";
import { startKeyProcess } from "./key-process.ts";
import { certificateFollower } from "./http/follow-certificate.ts";
import { failureKind, type Log } from "./log.ts";
import { openMail } from "./mail-door.ts";
import { openLedger } from "./open-ledger.ts";
import { openWitnesses } from "./open-witnesses.ts";
import { openSecrets } from "./secrets.ts";
import type { ServerSettings } from "./settings.ts";
import type { Instance } from "./instance.ts";
import { sweepReports } from "./sweep-reports.ts";
import { keyLogAnchoring } from "./key-log-anchoring.ts";
import { startTicker, within } from "./ticker.ts";

const PORTAL_FOLDER = fileURLToPath(new URL("../../portal/dist", import.meta.url));
/** How soon a renewed certificate is in use. */
const CERTIFICATE_LOOK_MS = 5000;
/** IPv6 and IPv4. */
const EVERY_NETWORK = "::";
/** One turn of the sweep: a stop waits for no longer, however much is due. */
const SWEEP_BUDGET_MS = 2000;
/** A stop waits this long for mails on their way; what is not through then comes again after the next start. */
const LAST_DELIVERIES_MS = 5000;

export interface RunningServer {
  readonly portal: string;
  /** The one-time set-up link, or null once set-up is done. */
  readonly setup: string | null;
  /** Null where real mail is sent. */
  readonly mailbox: string | null;
  readonly checkpoint: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects with {@link StartFailure} for everything an operator can mend; nothing stays open then. */
export async function startServer(settings: ServerSettings, log: Log): Promise<RunningServer> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await open(settings, log, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  settings: ServerSettings,
  log: Log,
  closers: (() => unknown)[],
): Promise<Omit<RunningServer, "close">> {
  const clock = systemClock();
  const random = systemRandom();
  const crypto = nodeCrypto();
  const { language } = settings;
  const { mail, mailbox } = openMail(settings.mail, clock);
  const home = await openHome(settings.home);
  const lock = lockHome(settings.home);
  closers.push(() => lock.release());
  // The first checkpoint is written after every secret.
  const readSecrets = async () => {
    const isNew = (await openTileFolder(home.ledger).readCheckpoint()) === null;
    return openSecrets(home.secrets, crypto, { isNew });
  };
  const secrets = await readSecrets();

  const { store, db } = await openDatabase(settings.postgres, home.database, log);
  closers.push(() => store.close());
  await migrateIdentity(db);
  const identity = sqlIdentity({ db, key: secrets.identity, issuer: "Safeconduct", clock, random });

  const keyProcess = await startKeyProcess({
    folder: home.keys,
    pinFile: join(home.secrets, "key-service.pin"),
    apiPublicKey: secrets.api.publicKey,
    ledgerKey: formatVerifierKey(secrets.ledger.key),
    master: settings.master,
    log,
  });
  closers.push(() => keyProcess.stop());
  const ledger = await openLedger({
    store,
    crypto,
    clock,
    random,
    log,
    folders: home,
    readSigner: async () => (await readSecrets()).ledger,
    connect: (ledger) =>
      openKeyServiceClient(
        { ...crypto, clock },
        {
          url: keyProcess.url,
          apiSigningKey: secrets.api.privateKey,
          pinned: { signingPublicKey: keyProcess.signingPublicKey },
          ledger,
        },
      ),
    newOrigin: settings.newLedgerOrigin,
  });
  const { signer, tiles, writer, perform, keys } = ledger;
  const rounds = await openWitnesses(settings.witnessFile, { ledger, folder: home.ledger, crypto, clock, log });
  closers.push(() => rounds.stop());

  const blobs = await openBlobFolder({ folder: home.blobs });
  let port = 0;
  const origin = () => settings.address ?? `http://localhost:${port}`;
  const urls = blobUrls({ origin, key: secrets.urls, clock });
  const sweepDeps = { store, perform, keys, blobs, sha256: crypto.sha256, clock };
  const reports = sweepReports(log);
  const sweeper = startTicker({
    clock,
    work: async () => {
      const hasMore = await sweep(sweepDeps, { expiryGraceMs: settings.expiryGraceMs, budgetMs: SWEEP_BUDGET_MS });
      reports.done();
      return hasMore;
    },
    onFailure: reports.failed,
  });
  closers.push(() => sweeper.stop());

  const anchoring = startTicker({
    clock,
    work: keyLogAnchoring(
      {
        clock,
        store,
        perform,
        keys,
        sha256: crypto.sha256,
        signatures: crypto.signatures,
        logKey: keyLogKey(crypto.sha256, keyProcess.signingPublicKey),
      },
      { clock, log },
    ),
    onFailure: (error) => log({ event: "keys/anchor-failed", failure: failureKind(error) }),
  });
  closers.push(() => anchoring.stop());

  const outbox = new Outbox({
    store,
    perform,
    clock,
    random,
    // The lock on the folder lets one process at a time be this instance.
    owner: secrets.ledger.key.name,
    deliverers: {
      "account-mail": accountMailDeliverer({ store, mail, language }),
      "code-mail": codeMailDeliverer({ store, mail, sha256: crypto.sha256, codeKey: secrets.codes, language }),
      "problem-mail": problemMailDeliverer({ store, mail, language }),
      "invitation-mail": invitationMailDeliverer({
        store,
        mail,
        sha256: crypto.sha256,
        codeKey: secrets.codes,
        origin,
        language,
      }),
    },
    onFailure: (error) => log({ event: "outbox/failed", failure: failureKind(error) }),
    onGivenUp: (job) => log({ event: "outbox/gave-up", job }),
  });
  await outbox.resume();
  const postman = startTicker({
    clock,
    work: async () => (await outbox.begin()) > 0,
    onFailure: (error) => log({ event: "outbox/failed", failure: failureKind(error) }),
  });
  closers.push(async () => {
    await postman.stop();
    await within(LAST_DELIVERIES_MS, outbox.idle());
  });
  const instance: Instance = {
    store,
    perform,
    keys,
    blobs,
    quotaBytes: settings.quotaBytes,
    urls,
    // What stays on this computer is there when the answer is; a mail server is waited for by nobody.
    outbox: { nudge: () => (mailbox === null ? Promise.resolve(void postman.runNow()) : outbox.nudge()) },
    testMails: new TestMails({ store, mail, clock, language }),
    mailbox,
    identity,
    factorSecrets: factorSecrets({ key: secrets.identity, random }),
    passkeys: webauthnPasskeys({ origin }),
    codeKey: secrets.codes,
    crypto,
    clock,
    ledger: {
      origin: signer.key.name,
      verifierKey: formatVerifierKey(signer.key),
      tiles,
      readTile: (path) => tiles.readTile(path),
      get size() {
        return writer.size;
      },
      rounds,
      checkpointCovering: (size) => rounds.covering(size),
    },
    destroyNow: (transfer) => destroyDueOf({ ...sweepDeps, now: clock.now() }, transfer).catch(reports.failed),
    log,
    origin,
    origins: () =>
      new Set(
        settings.address === null
          ? ["localhost", "127.0.0.1", "[::1]"].map((name) => `http://${name}:${port}`)
          : [settings.address],
      ),
  };
  const setupToken = await openSetup(
    { perform, random, sha256: crypto.sha256 },
    { keyServicePublicKey: keyProcess.signingPublicKey },
  );
  const app = await buildApp(instance, PORTAL_FOLDER, settings);
  if (settings.tls !== null) {
    const follow = certificateFollower(app.server, settings.tls);
    const follower = startTicker({
      clock,
      everyMs: CERTIFICATE_LOOK_MS,
      work: async () => {
        if (await follow()) log({ event: "tls/certificate-renewed" });
        return false;
      },
      onFailure: (error) => log({ event: "tls/certificate-unusable", failure: failureKind(error) }),
    });
    closers.push(() => follower.stop());
  }
  port = await listen(app, settings);
  closers.push(() => app.close());
  return {
    port,
    portal: `${origin()}/`,
    setup: setupToken === null ? null : `${origin()}/setup#token=${setupToken}`,
    mailbox: mailbox === null ? null : `${origin()}/mailbox`,
    checkpoint: `${origin()}/ledger/checkpoint`,
  };
}

async function listen(app: FastifyInstance, { host, port }: Pick<ServerSettings, "host" | "port">): Promise<number> {
  try {
    await app.listen({ port, host: host ?? EVERY_NETWORK });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      throw new StartFailure(
        EXIT.unavailable,
        `Port ${port} is taken. Stop the program that uses it, or choose another with --port.`,
      );
    }
    if ((error as NodeJS.ErrnoException).code === "EACCES") {
      throw new StartFailure(
        EXIT.unavailable,
        `Port ${port} may not be used by this user. Choose one above 1023 with --port.`,
      );
    }
    if ((error as NodeJS.ErrnoException).code === "EADDRNOTAVAIL") {
      throw new StartFailure(EXIT.unavailable, `This computer has no address ${host ?? ""}. Mend listen.host.`);
    }
    throw error;
  }
  return (app.server.address() as AddressInfo).port;
}
