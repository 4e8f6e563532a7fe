/**
 * The key service over HTTP, as the API sees it (docs/formats/key-service-messages.md). Requests are signed by the
 * API's key; an answer counts only if the pinned key service signed it for this very request. Whatever else comes back,
 * or nothing, is `keys/unavailable`: nobody knows then whether it was carried out, and every operation may be repeated.
 */
import type { KeyService } from "@safeconduct/exchange";
import {
  base64UrlBytes,
  base64UrlText,
  type Bytes,
  type Clock,
  type CryptoPorts,
  equalBytes,
} from "@safeconduct/foundation";
import {
  AUTHORISATION_LIFE_LIMIT_MS,
  addGrantRequest,
  addTransferRequest,
  type ContinueLedgerRequest,
  continueLedgerRequest,
  clockAnswer,
  confirmClockAnswer,
  confirmClockRequest,
  emptyBody,
  inventoryAnswer,
  type InventoryEntry,
  type InventoryPlace,
  inventoryRequest,
  type KeyOperation,
  keysProblem,
  type LedgerStateAnswer,
  ledgerStateAnswer,
  logCheckpointAnswer,
  logCheckpointRequest,
  NONCE_BYTES,
  NONCE_HEADER,
  type NamedShares,
  namedHoldRequest,
  namedSharesRequest,
  operationPath,
  problemAnswer,
  publicKeysAnswer,
  releaseAnswer,
  releaseRequest,
  SIGNATURE_HEADER,
  showLedgerRequest,
  shredAnswer,
  shredRequest,
  signAuthorisation,
  signRequest,
  type StatusAnswer,
  statusAnswer,
  TIME_HEADER,
  verifyResponse,
} from "@safeconduct/keyring";
import { readBounded } from "./bounded-body.ts";
import { LedgerShower, type LedgerToShow } from "./shown-ledger.ts";

const TIMEOUT_MS = 10_000;
/** Half of what is allowed: the answer is awaited at once. */
const AUTHORISATION_LIFE_MS = AUTHORISATION_LIFE_LIMIT_MS / 2;
const HTTP_DONE = 200;

export interface KeyServiceClientPorts {
  readonly signatures: CryptoPorts["signatures"];
  readonly sha256: CryptoPorts["sha256"];
  readonly random: CryptoPorts["random"];
  readonly clock: Clock;
}

export interface KeyServiceClientOptions {
  /** Origin of the key service, for example `http://127.0.0.1:8401`. */
  readonly url: string;
  /** Ed25519 private key of the API; its public key is pinned by the key service. */
  readonly apiSigningKey: Bytes;
  /** The key of the key service that this API trusts. */
  readonly pinned: { readonly signingPublicKey: Bytes };
  /** The main ledger, shown to the key service before each release and destruction. Without it none is. */
  readonly ledger?: LedgerToShow;
  /** Milliseconds after which an answer no longer counts. */
  readonly timeoutMs?: number;
}

export interface KeyServiceClient extends KeyService {
  /** The ledger that the key service follows, and the last checkpoint that it has seen. */
  ledgerState(): Promise<LedgerStateAnswer>;
  /** Shows it the ledger as it stands now. `keys/ledger-rolled-back`: it has seen a newer one, or another. */
  showLedger(): Promise<void>;
  /** Makes it follow a log of another origin that names the last checkpoint which it has seen. */
  continueLedger(request: ContinueLedgerRequest): Promise<void>;
  /** What is durable in the ring: for checks, not for decisions. */
  status(named: NamedShares): Promise<StatusAnswer>;
  /** Everything that the key service holds or has shredded, transfers first, each id once. */
  inventory(): AsyncIterable<InventoryEntry>;
}

/** Connects with the first call. */
export function openKeyServiceClient(ports: KeyServiceClientPorts, options: KeyServiceClientOptions): KeyServiceClient {
  const { pinned, apiSigningKey, timeoutMs = TIMEOUT_MS } = options;
  const audience = pinned.signingPublicKey;

  const ask = async <Answer>(
    operation: KeyOperation,
    body: Bytes,
    answer: { decode(encoded: Uint8Array): Answer | null },
  ): Promise<Answer> => {
    const path = operationPath(operation);
    const nonce = ports.random.bytes(NONCE_BYTES);
    const time = ports.clock.now();
    const signature = await signRequest(ports, apiSigningKey, { audience, method: "POST", path, nonce, time, body });
    const headers = {
      "content-type": "application/octet-stream",
      [NONCE_HEADER]: base64UrlText(nonce),
      [TIME_HEADER]: String(time),
      [SIGNATURE_HEADER]: base64UrlText(signature),
    };
    const response = await post(new URL(path, options.url), { headers, body, timeoutMs });
    const genuine =
      response?.signature &&
      (await verifyResponse(
        ports,
        audience,
        { nonce, status: response.status, body: response.body },
        response.signature,
      ));
    if (!response || !genuine) throw keysProblem("keys/unavailable");
    if (response.status !== HTTP_DONE) throw keysProblem(problemAnswer.decode(response.body) ?? "keys/unavailable");
    const decoded = answer.decode(response.body);
    if (decoded === null) throw keysProblem("keys/unavailable");
    return decoded;
  };

  const ledgerState = () => ask("ledger-state", emptyBody.encode("empty"), ledgerStateAnswer);
  const shower =
    options.ledger === undefined
      ? null
      : new LedgerShower(options.ledger, {
          ledgerState,
          showLedger: (request) => ask("show-ledger", showLedgerRequest.encode(request), emptyBody),
        });
  const afterShowing = <Answer>(act: () => Promise<Answer>): Promise<Answer> => shower?.before(act) ?? act();

  return {
    ledgerState,

    async showLedger() {
      await shower?.show();
    },

    async continueLedger(request) {
      await ask("continue-ledger", continueLedgerRequest.encode(request), emptyBody);
    },

    async publicKeys() {
      const keys = await ask("public-keys", emptyBody.encode("empty"), publicKeysAnswer);
      if (!equalBytes(keys.signingPublicKey, pinned.signingPublicKey)) throw keysProblem("keys/unavailable");
      return keys;
    },

    async addTransfer(request) {
      await ask("add-transfer", addTransferRequest.encode(request), emptyBody);
    },

    async addGrant(request) {
      await ask("add-grant", addGrantRequest.encode(request), emptyBody);
    },

    release: ({ ephemeralPublicKey, ...bound }) =>
      afterShowing(async () => {
        const issuedAt = ports.clock.now();
        const authorisation = {
          ...bound,
          ephemeralKeyHash: ports.sha256(ephemeralPublicKey),
          issuedAt,
          expiresAt: issuedAt + AUTHORISATION_LIFE_MS,
        };
        const signed = { apiPrivateKey: apiSigningKey, audience, authorisation };
        const signature = await signAuthorisation(ports.signatures, signed);
        return ask("release", releaseRequest.encode({ authorisation, signature, ephemeralPublicKey }), releaseAnswer);
      }),

    async suspend(named) {
      await ask("suspend", namedSharesRequest.encode(named), emptyBody);
    },

    async resume(named) {
      await ask("resume", namedSharesRequest.encode(named), emptyBody);
    },

    async hold(named) {
      await ask("hold", namedHoldRequest.encode(named), emptyBody);
    },

    async liftHold(named) {
      await ask("lift-hold", namedHoldRequest.encode(named), emptyBody);
    },

    shred: (named, byTime = null) =>
      afterShowing(() => ask("shred", shredRequest.encode({ named, byTime }), shredAnswer)),

    clock: () => ask("clock", emptyBody.encode("empty"), clockAnswer),

    confirmClock: (request) => ask("confirm-clock", confirmClockRequest.encode(request), confirmClockAnswer),

    logCheckpoint: (oldSize) => ask("log-checkpoint", logCheckpointRequest.encode({ oldSize }), logCheckpointAnswer),

    status: (named) => ask("status", namedSharesRequest.encode(named), statusAnswer),

    async *inventory() {
      let after: InventoryPlace = null;
      for (;;) {
        const { entries }: { readonly entries: readonly InventoryEntry[] } = await ask(
          "inventory",
          inventoryRequest.encode({ after }),
          inventoryAnswer,
        );
        const last = entries.at(-1);
        if (last === undefined) return;
        yield* entries;
        after = last.kind === "transfer" ? { kind: "transfer", id: last.id } : { kind: "grant", id: last.id };
      }
    },
  };
}

interface HttpAnswer {
  readonly status: number;
  readonly body: Bytes;
  readonly signature: Bytes | null;
}

/** What came back, or null if nothing did. Reads attacker-controlled bytes: it may not be the key service. */
async function post(
  url: URL,
  { headers, body, timeoutMs }: { headers: Record<string, string>; body: Bytes; timeoutMs: number },
): Promise<HttpAnswer | null> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
    const answered = await readBounded(response);
    const signature = base64UrlBytes(response.headers.get(SIGNATURE_HEADER) ?? "");
    return answered === null ? null : { status: response.status, body: answered, signature };
  } catch {
    // Refused, reset, timed out, redirected: fetch says so in ways that differ between versions, and all mean the same.
    return null;
  }
}
