/**
 * Where a browser keeps unfinished sendings: IndexedDB of this origin. Each sending has an AES-256-GCM key that is made for it and that
 * script can use but not read; it lies beside the rows and goes with them. What that stops and what not is said in
 * docs/threat-model.md ("A browser as a device"). A Web Lock for each sending keeps tabs apart. Pages and the upload worker use it.
 */
import type { BegunSending, PreparedSeal, SendingNotes } from "@safeconduct/client";
import type { PartRecord } from "@safeconduct/envelope";
import { type Bytes, copyBytes, type MemberId, parseId, type Random, type TransferId } from "@safeconduct/foundation";
import type { KnownFile } from "./chosen-files.ts";
import {
  decodeBegun,
  decodePart,
  decodeSealed,
  encodeNote,
  type SendingBegun,
  type SendingSealed,
} from "./sending-note.ts";
import { holdLock } from "./thread-lock.ts";

const NAME = "safeconduct-sendings";
const DATABASE_VERSION = 1;
const STORE = "notes";
const IV_BYTES = 12;
/** A draft lives so long on the server, and links that nobody fetched are kept no longer. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** Which note of a sending: its beginning, its seal, or a part by its number. */
type Place = "begun" | "seal" | number;

interface Row {
  /** Transfer and place. */
  readonly id: readonly [TransferId, Place];
  readonly iv: Bytes;
  readonly sealed: ArrayBuffer;
  /** These three with the beginning alone. */
  readonly key?: CryptoKey;
  readonly member?: MemberId;
  readonly begunAt?: number;
}

export interface KeptSending extends SendingBegun {
  readonly transfer: TransferId;
  readonly begunAt: number;
  readonly parts: readonly PartRecord[];
  readonly sealed: SendingSealed | null;
}

/** Resolves to null where the browser keeps nothing or the note does not open: then there is nothing to go on with. */
export class SendingShelf {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Ids of what this member began here, oldest first. What is older than any draft is removed. */
  async list(member: MemberId, now: number): Promise<readonly TransferId[]> {
    const rows = await this.beginnings();
    const listed = [];
    for (const row of rows.toSorted((a, b) => (a.begunAt ?? 0) - (b.begunAt ?? 0))) {
      const [transfer] = row.id;
      if (now >= (row.begunAt ?? 0) + KEPT_MS) await this.forget(transfer);
      else if (row.member === member) listed.push(transfer);
    }
    return listed;
  }

  async read(member: MemberId, transfer: TransferId): Promise<KeptSending | null> {
    const rows = await allRows(within(transfer)).catch((): Row[] => []);
    const first = rows.find(({ id: [, place] }) => place === "begun");
    if (first?.key === undefined || first.member !== member) return null;
    const opener = { member, transfer, key: first.key };
    const begun = decodeBegun(await opened(first, opener));
    if (begun === null) return null;
    const parts: PartRecord[] = [];
    let sealed: SendingSealed | null = null;
    for (const row of rows) {
      const [, place] = row.id;
      if (place === "begun") continue;
      const bytes = await opened(row, opener);
      if (place === "seal") sealed = decodeSealed(bytes);
      else parts.push(...[decodePart(bytes)].filter((part) => part !== null));
    }
    return { ...begun, transfer, begunAt: first.begunAt ?? 0, parts, sealed };
  }

  /** The notes of a sending that begins. They keep what they can: a note that cannot be written costs a part that is sent again. */
  notes(member: MemberId, { known, now }: { known: readonly KnownFile[]; now: () => number }): KeptNotes {
    let open: { key: CryptoKey; transfer: TransferId } | null = null;
    const put = async (
      place: Place,
      note: Parameters<typeof encodeNote>[0],
      more: Partial<Row> = {},
    ): Promise<void> => {
      if (open === null) return;
      const { key, transfer } = open;
      const row = await this.sealedRow({ member, transfer, key }, { place, bytes: encodeNote(note) });
      await putRow({ ...row, ...more });
    };
    return {
      async resumed({ transfer }) {
        const first = await allRows(IDBKeyRange.only([transfer, "begun"])).catch((): Row[] => []);
        const key = first[0]?.key;
        open = key === undefined ? null : { key, transfer };
      },
      begun: async (begun) => {
        try {
          const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
          open = { key, transfer: begun.transfer };
          await put("begun", { begun, known }, { key, member, begunAt: now() });
        } catch {
          open = null;
        }
      },
      stored: ({ number, sizeBytes, sha256, proof }) =>
        put(number, { part: { number, sizeBytes, sha256, proof } }).catch(() => undefined),
      sealing: (seal) => put("seal", { seal, isSent: false }).catch(() => undefined),
      sent: (seal) => put("seal", { seal, isSent: true }).catch(() => undefined),
      over: async () => {
        if (open !== null) await this.forget(open.transfer);
        open = null;
      },
    };
  }

  async forget(transfer: TransferId): Promise<void> {
    await inStore("readwrite", (store) => store.delete(within(transfer))).catch(() => undefined);
  }

  private async beginnings(): Promise<Row[]> {
    const rows = await allRows(null).catch((): Row[] => []);
    return rows.filter(({ id: [transfer, place] }) => place === "begun" && parseId("transfer", transfer) !== null);
  }

  private async sealedRow(
    { member, transfer, key }: { member: MemberId; transfer: TransferId; key: CryptoKey },
    { place, bytes }: { place: Place; bytes: Bytes },
  ): Promise<Row> {
    const iv = this.random.bytes(IV_BYTES);
    const sealed = await crypto.subtle.encrypt(parameters({ member, transfer, place, iv }), key, bytes);
    return { id: [transfer, place], iv, sealed };
  }
}

/** `resumed` in place of `begun` where an earlier run made them; `sent` when the server has sealed. */
export interface KeptNotes extends SendingNotes {
  resumed(begun: Pick<BegunSending, "transfer">): Promise<void>;
  sent(seal: PreparedSeal): Promise<void>;
}

/** Everything that says what a row is goes in, so that none opens in another one's place. */
const parameters = ({
  member,
  transfer,
  place,
  iv,
}: {
  member: MemberId;
  transfer: TransferId;
  place: Place;
  iv: Bytes;
}) => ({
  name: "AES-GCM",
  iv,
  additionalData: copyBytes(new TextEncoder().encode(`safeconduct browser sending 1 ${member} ${transfer} ${place}`)),
});

/** Empty where it does not open. */
async function opened(
  { id: [, place], iv, sealed }: Row,
  { member, transfer, key }: { member: MemberId; transfer: TransferId; key: CryptoKey },
): Promise<Uint8Array> {
  return crypto.subtle.decrypt(parameters({ member, transfer, place, iv }), key, sealed).then(
    (bytes) => new Uint8Array(bytes),
    () => new Uint8Array(0),
  );
}

/** Of one sending: in the order of IndexedDB a list that is longer comes after one that is its beginning. */
const within = (transfer: TransferId): IDBKeyRange => IDBKeyRange.bound([transfer], [transfer, []]);

const allRows = (range: IDBKeyRange | null): Promise<Row[]> =>
  inStore("readonly", (store) => store.getAll(range)) as Promise<Row[]>;

const putRow = (row: Row): Promise<unknown> => inStore("readwrite", (store) => store.put(row));

async function inStore(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await openDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      transaction.addEventListener("complete", () => resolve(request.result));
      transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("aborted")));
    });
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Where storage is refused some browsers throw here, others answer with an error.
    const request = indexedDB.open(NAME, DATABASE_VERSION);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE, { keyPath: "id" }));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("refused")));
  });
}

const lockName = (transfer: TransferId): string => `${NAME} ${transfer}`;

/** False where another tab works on it. */
export const holdSending = (transfer: TransferId): Promise<boolean> => holdLock(lockName(transfer));

/** What some tab, or this one, works on. */
export async function heldSendings(): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query();
  const prefix = lockName("" as TransferId);
  return new Set(held.flatMap(({ name = "" }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
