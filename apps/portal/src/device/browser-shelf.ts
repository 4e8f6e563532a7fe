/**
 * The shelf of a real browser: IndexedDB of this origin. Each record is sealed with AES-256-GCM under a key that is made for this one
 * writing and that script can use but not read (`extractable: false`, WebCrypto §13); it lies beside the record. What that stops and
 * what not is said in docs/threat-model.md ("A browser as a device"). A Web Lock keeps tabs apart, a BroadcastChannel tells them.
 */
import { type Bytes, copyBytes, type MemberId, type Random } from "@safeconduct/foundation";
import type { DeviceShelf, Kept } from "./device-shelf.ts";
import { browserDeviceProblem } from "./errors.ts";
import { decodeKept, encodeKept } from "./kept-device.ts";

/** Of the database, the lock and the channel. */
const NAME = "safeconduct-device";
const DATABASE_VERSION = 1;
const STORE = "devices";
const IV_BYTES = 12;

interface Row {
  readonly member: MemberId;
  readonly key: CryptoKey;
  readonly iv: Bytes;
  readonly sealed: ArrayBuffer;
}

export function browserShelf(random: Random): DeviceShelf {
  // One for both ways: a channel does not hear itself.
  let channel: BroadcastChannel | null = null;
  const tabs = (): BroadcastChannel => (channel ??= new BroadcastChannel(NAME));
  const tell = (): void => {
    // A channel has no origin to name: it is this one's.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    tabs().postMessage("changed");
  };

  return {
    alone(work) {
      const { locks } = navigator as { locks?: LockManager };
      if (locks === undefined) return Promise.reject(browserDeviceProblem("portal/storage-refused"));
      return locks.request(NAME, work);
    },

    async read(member) {
      const row = (await inStore("readonly", (store) => store.get(member))) as Row | undefined;
      if (row === undefined) return null;
      const kept = await opened(row).catch(() => null);
      if (kept === null) throw browserDeviceProblem("portal/device-damaged");
      return kept;
    },

    async write(member, kept) {
      const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
      const iv = random.bytes(IV_BYTES);
      const sealed = await crypto.subtle.encrypt(parameters(member, iv), key, encodeKept(kept));
      const row: Row = { member, key, iv, sealed };
      await inStore("readwrite", (store) => store.put(row));
      tell();
    },

    async remove(member) {
      await inStore("readwrite", (store) => store.delete(member));
      tell();
    },

    async askToLast() {
      const { storage } = navigator as { storage?: StorageManager };
      await storage?.persist?.().catch(() => false);
    },

    async lasts() {
      const { storage } = navigator as { storage?: StorageManager };
      return (await storage?.persisted?.().catch(() => false)) === true;
    },

    watch(changed) {
      tabs().addEventListener("message", changed);
      return () => {
        channel?.close();
        channel = null;
      };
    },
  };
}

/** The name of the member goes in, so that a record that is moved under another one does not open. */
const parameters = (member: MemberId, iv: Bytes) => ({
  name: "AES-GCM",
  iv,
  additionalData: copyBytes(new TextEncoder().encode(`safeconduct browser device 1 ${member}`)),
});

/** What a row holds; rejects, or is null, when it was changed. */
async function opened({ member, key, iv, sealed }: Row): Promise<Kept | null> {
  return decodeKept(new Uint8Array(await crypto.subtle.decrypt(parameters(member, iv), key, sealed)));
}

/** One request in a transaction of its own; resolves when the transaction is complete. Problem `portal/storage-refused`. */
async function inStore(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  try {
    const database = await openDatabase();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(STORE, mode, { durability: "strict" });
        const request = ask(transaction.objectStore(STORE));
        transaction.addEventListener("complete", () => resolve(request.result));
        transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("aborted")));
      });
    } finally {
      database.close();
    }
  } catch {
    throw browserDeviceProblem("portal/storage-refused");
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Where storage is refused some browsers throw here, others answer with an error.
    const request = indexedDB.open(NAME, DATABASE_VERSION);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE, { keyPath: "member" }));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("refused")));
  });
}
