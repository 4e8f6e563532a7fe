/** What the key service logs: events of a closed list with fields of closed values. No ids, no keys, no free text. */
import type { ClockState, KeyOperation, KeysProblemCode } from "@safeconduct/keyring";

export type KeysLogEvent =
  | { readonly event: "keys/started"; readonly port: number }
  | { readonly event: "keys/stopped" }
  /** What was not done. The ledger has what was. */
  | { readonly event: "keys/answered"; readonly operation: KeyOperation; readonly outcome: KeysProblemCode }
  /** Not from the API, or not now: nothing was carried out and the answer is not signed. */
  | { readonly event: "keys/request-refused"; readonly reason: RequestRefusal }
  /** ALARM: the main ledger that was shown does not continue the one seen before. Nothing is released or destroyed. */
  | { readonly event: "keys/ledger-rolled-back" }
  /** Anything but steady: nothing is destroyed by time. docs/operations/key-service.md says what to do. */
  | { readonly event: "keys/clock"; readonly state: ClockState }
  /** Its own log cannot be written now. Nothing is lost: the ring tells it, and the next turn tries again. */
  | { readonly event: "keys/log-behind" }
  | { readonly event: "keys/store-lost" }
  /** Node warned of something; start it by hand to read what. */
  | { readonly event: "keys/warned" }
  | { readonly event: "keys/crashed"; readonly operation: KeyOperation };

export type RequestRefusal = "malformed" | "signature" | "stale" | "replayed" | "full";

export type KeysLog = (event: KeysLogEvent) => void;
