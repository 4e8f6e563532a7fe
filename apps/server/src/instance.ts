/** Everything that handlers and the sweep work with, put together once by `compose.ts`. */
import type {
  BlobStore,
  BlobUrls,
  FactorSecrets,
  Identity,
  KeyService,
  LedgerView,
  OutboxDoor,
  Passkeys,
  Perform,
  Store,
  TestMails,
} from "@safeconduct/exchange";
import type { Bytes, Clock, CryptoPorts, TransferId } from "@safeconduct/foundation";
import type { TileStore } from "@safeconduct/ledger";
import type { LocalMailbox } from "@safeconduct/mail";
import type { BlobUrlChecks } from "./blob-urls.ts";
import type { Log } from "./log.ts";
import type { WitnessRounds } from "./witness-rounds.ts";

export interface Instance {
  readonly store: Store;
  readonly perform: Perform;
  readonly keys: KeyService;
  readonly blobs: BlobStore;
  /** What one organisation's blobs may take. */
  readonly quotaBytes: number | null;
  readonly urls: BlobUrls & { readonly check: BlobUrlChecks };
  readonly outbox: OutboxDoor;
  readonly testMails: TestMails;
  /** Only on an evaluation instance. */
  readonly mailbox: LocalMailbox | null;
  readonly identity: Identity;
  readonly factorSecrets: FactorSecrets;
  readonly passkeys: Passkeys;
  /** 32 bytes, from a file: makes mailed codes and keeps them out of reach of whoever reads the database. */
  readonly codeKey: Bytes;
  readonly crypto: CryptoPorts;
  readonly clock: Clock;
  readonly ledger: LedgerView & {
    readonly origin: string;
    readonly verifierKey: string;
    readonly tiles: TileStore;
    /** The newest, and the newest that the witnesses' quorum has cosigned. */
    readonly rounds: Pick<WitnessRounds, "newest" | "witnessed" | "witnesses">;
  };
  /** Destroys what of this transfer is due, if that is possible now; otherwise the sweep goes on trying. Never rejects. */
  readonly destroyNow: (transfer: TransferId) => Promise<void>;
  readonly log: Log;
  /** Origin of the portal, without a slash at the end. */
  readonly origin: () => string;
  /** Origins under which the portal is reached; the others lead to {@link origin}. */
  readonly origins: () => ReadonlySet<string>;
}
