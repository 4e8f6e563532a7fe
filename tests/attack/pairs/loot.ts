/** What each part of a real instance gives into an attacker's hands, read from its files and asked from its listeners. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openOwnTransfer } from "@safeconduct/client";
import { apiClient } from "@safeconduct/contract";
import { decodeTerms, openAsMember, openRelease, releaseContext, termsHash } from "@safeconduct/envelope";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  concatBytes,
  copyBytes,
  drawId,
  type GrantId,
  hexText,
  type TransferId,
} from "@safeconduct/foundation";
import { openKeyFolder } from "@safeconduct/keyring-file";
import { openKeyServiceClient } from "@safeconduct/keys-http";
import { formatVerifierKey, openCheckpoint, parseSignerFile } from "@safeconduct/ledger";
import { readAccount } from "../../../apps/cli/src/account.ts";
import { applyJournalRecord, decodeJournalRecord } from "../../../packages/keyring/src/journal.ts";
import { Ring, RingDraft } from "../../../packages/keyring/src/ring.ts";
import { decodeRing } from "../../../packages/keyring/src/ring-encoding.ts";
import { clock, crypto, startKeyProcess } from "../../integration/keys-process.ts";
import type { Loot, Shares } from "./attacker.ts";

interface GrantRow {
  readonly id: GrantId;
  readonly transfer: string;
  readonly organisation: string;
  readonly terms: Uint8Array;
  readonly slot: Uint8Array;
  readonly sealed_link_secret: Uint8Array | null;
  readonly member: string;
  readonly seal_record: Uint8Array | null;
}

/** Every grant with what lies beside it in the database. */
export function grantRows(home: string): readonly GrantRow[] {
  const db = new DatabaseSync(join(home, "safeconduct.sqlite"), { readOnly: true });
  try {
    const rows = db.prepare(`select g.*, t.member, t.seal_record from grants g join transfers t on t.id = g.transfer`);
    return rows.all() as unknown as GrantRow[];
  } finally {
    db.close();
  }
}

/** D or d, to be read. */
export function slotsIn(home: string): Loot {
  return {
    slots: grantRows(home).map(({ terms, slot, seal_record }) => ({
      terms: copyBytes(terms),
      slot: copyBytes(slot),
      sealRecord: copyBytes(seal_record ?? new Uint8Array(0)),
    })),
  };
}

/** B or b: parts in order are the blob. */
export async function blobsIn(home: string): Promise<Loot> {
  const blobs = new Map<string, Bytes>();
  const folder = join(home, "blobs");
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".part"));
  for (const transfer of new Set(paths.map((path) => /trf_[a-z0-9]+/.exec(path)?.[0] ?? ""))) {
    const parts = paths
      .filter((path) => path.includes(transfer))
      .map((path) => ({ path, number: Number(/([0-9]+)-[0-9a-f]{64}\.part$/.exec(path)?.[1]) }))
      .toSorted((one, two) => one.number - two.number);
    blobs.set(transfer, concatBytes(...(await Promise.all(parts.map(({ path }) => readFile(join(folder, path)))))));
  }
  return { blobs };
}

/** K or k: the ring under its own master, and what was journalled since. */
export async function sharesInRing(keys: string): Promise<Loot> {
  const folder = await openKeyFolder(crypto, keys);
  try {
    const { ring: encoded, journal } = await folder.store.open();
    const ring = encoded.length === 0 ? new Ring() : decodeRing(encoded);
    const draft = new RingDraft(ring);
    for (const record of journal) applyJournalRecord(draft, decodeJournalRecord(record));
    const merged = draft.merged();
    const shares: Shares[] = [];
    for (const grant of merged.grants.values()) {
      const transfer = grant.state === "shredded" ? undefined : merged.transfers.get(grant.transfer);
      if (grant.state === "shredded" || transfer === undefined || transfer.state === "shredded") continue;
      shares.push({ transferShare: transfer.share, grantShare: grant.share });
    }
    return { shares };
  } finally {
    await folder.close();
  }
}

/** S: the thief of a device asks as its owner would, with what its account file holds. */
export async function filesOfOwner(config: string, transfers: readonly TransferId[]): Promise<Loot> {
  const { server, token, device } = await readAccount(config);
  const api = apiClient({ origin: server, bearer: token, fetch });
  const ports = { crypto, api, fetch, wait: async () => undefined };
  const files: string[] = [];
  for (const transfer of transfers) {
    const { opened } = await openOwnTransfer(ports, device, { transfer });
    for (const { id } of opened.manifest.files) {
      let content = "";
      for await (const piece of opened.readFile(id)) content += hexText(piece);
      files.push(content);
    }
  }
  return { files };
}

/** S with D: the member key opens the S of the sender's own grants. */
export async function ownLinkSecrets(config: string, home: string): Promise<Loot> {
  const { device } = await readAccount(config);
  const linkSecrets: Bytes[] = [];
  for (const { id: grant, terms, sealed_link_secret: sealed } of grantRows(home)) {
    if (sealed === null) continue;
    const { organisation, transfer } = decodeTerms(copyBytes(terms));
    for (const { privateKey } of device.memberKeys) {
      const scope = { organisation, transfer, grant, member: device.member };
      const opened = await openAsMember(crypto, { privateKey, scope, sealed: copyBytes(sealed) });
      if (opened !== null) linkSecrets.push(opened);
    }
  }
  return { linkSecrets };
}

/** D, to be written: a verification session of one's own for every recipient's grant, the second factor passed. */
export function forgeSessions(home: string): ReadonlyMap<GrantId, string> {
  const db = new DatabaseSync(join(home, "safeconduct.sqlite"));
  const sessions = new Map<GrantId, string>();
  try {
    const now = Date.now();
    const add = db.prepare(
      `insert into verifications (id, "grant", token_hash, created_at, expires_at, factor_passed_at) values (?, ?, ?, ?, ?, ?)`,
    );
    for (const { id, terms } of grantRows(home)) {
      if (decodeTerms(copyBytes(terms)).kind !== "recipient") continue;
      const secret = crypto.random.bytes(32);
      add.run(drawId("session", crypto.random), id, crypto.sha256(secret), now, now + 3_600_000, now);
      sessions.set(id, `scv_${base64UrlText(secret)}`);
    }
    return sessions;
  } finally {
    db.close();
  }
}

/** What a session of a recipient is given: shares, slot and seal. Empty when the server refuses. */
export async function releasedTo(origin: string, grant: GrantId, session: string): Promise<Loot> {
  const api = apiClient({ origin, bearer: session, fetch });
  const { publicKey, privateKey } = await crypto.hpke.generateKeyPair();
  const answer = await api
    .call("release", { path: { grant }, body: { ephemeralPublicKey: base64UrlText(publicKey) } })
    .catch(() => null);
  if (answer === null) return {};
  const terms = known(base64UrlBytes(answer.terms));
  const shares = await sharesOf({ terms, privateKey, publicKey, sealed: known(base64UrlBytes(answer.sealedShares)) });
  const slot = known(base64UrlBytes(answer.slot));
  return { shares, slots: [{ terms, slot, sealRecord: known(base64UrlBytes(answer.sealRecord)) }] };
}

/** V: its own code beside the genuine key service, with the API's key, asks for whatever the database names. */
export async function sharesAskedFor(home: string): Promise<Loot> {
  const secret = await readFile(join(home, "secrets", "api-signing.key"), "utf8");
  const pair = known(bytesOf(secret));
  const api = { privateKey: copyBytes(pair.subarray(0, 32)), publicKey: copyBytes(pair.subarray(32)) };
  const ledger = await ledgerToShow(home);
  const running = await startKeyProcess({ home: join(home, "keys"), api }, ["--ledger-key", ledger.verifierKey]);
  try {
    const pinned = { signingPublicKey: running.signingPublicKey };
    const options = { url: running.url, apiSigningKey: api.privateKey, pinned, ledger };
    const keys = openKeyServiceClient({ ...crypto, clock }, options);
    const shares: Shares[] = [];
    for (const { id: grant, terms: stored } of grantRows(home)) {
      const terms = copyBytes(stored);
      const { organisation, transfer, kind } = decodeTerms(terms);
      const { publicKey, privateKey } = await crypto.hpke.generateKeyPair();
      const { sealedShares: sealed } = await keys.release({
        authorisation: drawId("authorisation", crypto.random),
        organisation,
        transfer,
        grant,
        session: drawId("session", crypto.random),
        asker: kind === "recipient" ? "recipient" : "member",
        termsHash: termsHash(crypto.sha256, terms),
        ephemeralPublicKey: publicKey,
      });
      shares.push(...(await sharesOf({ terms, privateKey, publicKey, sealed })));
    }
    return { shares };
  } finally {
    await running.stop();
  }
}

async function ledgerToShow(home: string) {
  const checkpointText = await readFile(join(home, "ledger", "checkpoint"), "utf8");
  const signer = parseSignerFile(crypto.sha256, await readFile(join(home, "secrets", "ledger-signing.key"), "utf8"));
  if (signer === null) throw new Error("no signer");
  const opened = await openCheckpoint(crypto.signatures, checkpointText, { logKey: signer.key });
  const size = known(opened).checkpoint.size;
  return {
    verifierKey: formatVerifierKey(signer.key),
    current: () => ({ size, checkpointText }),
    prove: async () => [],
  };
}

async function sharesOf({
  terms,
  privateKey,
  publicKey,
  sealed,
}: {
  terms: Bytes;
  privateKey: Bytes;
  publicKey: Bytes;
  sealed: Bytes;
}): Promise<readonly Shares[]> {
  const { organisation, transfer, grant } = decodeTerms(terms);
  const scope = { organisation, transfer, grant, termsHash: termsHash(crypto.sha256, terms) };
  const context = releaseContext({ ...scope, ephemeralKeyHash: crypto.sha256(publicKey) });
  const opened = await openRelease(crypto, { privateKey, context, sealed });
  return opened === null ? [] : [opened];
}

function known<Value>(value: Value | null): Value {
  if (value === null) throw new Error("nothing there");
  return value;
}

const bytesOf = (text: string): Bytes | null => base64UrlBytes(text.trim());
