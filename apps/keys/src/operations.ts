/** What each operation of the wire does on the service: decode, ask, encode. */
import type { Bytes } from "@safeconduct/foundation";
import {
  addGrantRequest,
  addTransferRequest,
  continueLedgerRequest,
  clockAnswer,
  confirmClockAnswer,
  confirmClockRequest,
  emptyBody,
  inventoryAnswer,
  inventoryRequest,
  type KeyOperation,
  type KeyService,
  keysProblem,
  ledgerStateAnswer,
  logCheckpointAnswer,
  logCheckpointRequest,
  namedHoldRequest,
  namedSharesRequest,
  publicKeysAnswer,
  releaseAnswer,
  releaseRequest,
  showLedgerRequest,
  shredAnswer,
  shredRequest,
  statusAnswer,
} from "@safeconduct/keyring";

/** The answer's body for a request's body. Rejects with a Problem `keys/…`. */
type Operation = (service: KeyService, body: Uint8Array) => Promise<Bytes>;

export const OPERATIONS: Readonly<Record<KeyOperation, Operation>> = {
  "public-keys": async (service, body) => {
    decoded(emptyBody.decode(body));
    return publicKeysAnswer.encode(await service.publicKeys());
  },
  "add-transfer": async (service, body) => {
    await service.addTransfer(decoded(addTransferRequest.decode(body)));
    return emptyBody.encode("empty");
  },
  "add-grant": async (service, body) => {
    await service.addGrant(decoded(addGrantRequest.decode(body)));
    return emptyBody.encode("empty");
  },
  release: async (service, body) => releaseAnswer.encode(await service.release(decoded(releaseRequest.decode(body)))),
  suspend: async (service, body) => {
    await service.suspend(decoded(namedSharesRequest.decode(body)));
    return emptyBody.encode("empty");
  },
  "ledger-state": async (service, body) => {
    decoded(emptyBody.decode(body));
    return ledgerStateAnswer.encode(service.ledgerState());
  },
  "show-ledger": async (service, body) => {
    await service.showLedger(decoded(showLedgerRequest.decode(body)));
    return emptyBody.encode("empty");
  },
  "continue-ledger": async (service, body) => {
    await service.continueLedger(decoded(continueLedgerRequest.decode(body)));
    return emptyBody.encode("empty");
  },
  resume: async (service, body) => {
    await service.resume(decoded(namedSharesRequest.decode(body)));
    return emptyBody.encode("empty");
  },
  hold: async (service, body) => {
    await service.hold(decoded(namedHoldRequest.decode(body)));
    return emptyBody.encode("empty");
  },
  "lift-hold": async (service, body) => {
    await service.liftHold(decoded(namedHoldRequest.decode(body)));
    return emptyBody.encode("empty");
  },
  shred: async (service, body) => {
    const { named, byTime } = decoded(shredRequest.decode(body));
    return shredAnswer.encode(await service.shred(named, byTime));
  },
  clock: async (service, body) => {
    decoded(emptyBody.decode(body));
    return clockAnswer.encode(service.clock());
  },
  "confirm-clock": async (service, body) =>
    confirmClockAnswer.encode(await service.confirmClock(decoded(confirmClockRequest.decode(body)))),
  "log-checkpoint": async (service, body) =>
    logCheckpointAnswer.encode(await service.logCheckpoint(decoded(logCheckpointRequest.decode(body)))),
  status: async (service, body) => statusAnswer.encode(service.status(decoded(namedSharesRequest.decode(body)))),
  inventory: async (service, body) => {
    const { after } = decoded(inventoryRequest.decode(body));
    return inventoryAnswer.encode({ entries: service.inventory(after) });
  },
};

function decoded<Request>(request: Request | null): Request {
  if (request === null) throw keysProblem("keys/malformed");
  return request;
}
