/**
 * The server's log: events from a closed list with allow-listed fields, one JSON object a line on standard error.
 * There is no free text, so that nothing personal can slip in. Logs may be lost; the ledger may not.
 */
import type { Clock } from "@safeconduct/foundation";

type LogEvent =
  | { readonly event: "server/stopping" }
  | { readonly event: "http/failed"; readonly route: string; readonly method: string; readonly failure: string }
  | {
      readonly event: "http/refused";
      readonly route: string;
      readonly method: string;
      readonly status: number;
      readonly code: string;
    }
  /** The log goes on under a new origin, as the operator asked. */
  | { readonly event: "ledger/continued" }
  | { readonly event: "ledger/failed"; readonly failure: string }
  | { readonly event: "witness/failed"; readonly witness: string; readonly failure: string }
  | { readonly event: "witness/not-kept"; readonly failure: string }
  | { readonly event: "tls/certificate-renewed" }
  | { readonly event: "tls/certificate-unusable"; readonly failure: string }
  | { readonly event: "database/disconnected"; readonly failure: string }
  | { readonly event: "sweep/failed"; readonly failure: string }
  | { readonly event: "outbox/failed"; readonly failure: string }
  /** A mail found no way until its end; the sender is told. */
  | {
      readonly event: "outbox/gave-up";
      readonly job: "account-mail" | "code-mail" | "invitation-mail" | "problem-mail";
    }
  /** ALARM: the key service's own log is not what it was. docs/operations/key-service.md says what to do. */
  | { readonly event: "keys/log-forked" }
  | { readonly event: "keys/anchor-failed"; readonly failure: string }
  | { readonly event: "keys/not-ours" }
  | { readonly event: "keys/restarted"; readonly exitCode: number };

export type Log = (event: LogEvent) => void;

/** `at` is milliseconds since the epoch. */
export const standardErrorLog =
  ({ now }: Pick<Clock, "now">): Log =>
  (event) => {
    process.stderr.write(`${JSON.stringify({ at: now(), ...event })}\n`);
  };

/** What kind of failure it was, without its message: messages of libraries may quote what they were given. */
export function failureKind(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = "code" in error && typeof error.code === "string" ? `:${error.code}` : "";
  const place = /\/((?:packages|adapters|apps)\/[\w./-]+:\d+)/.exec(error.stack ?? "")?.[1];
  return `${error.name}${code}${place === undefined ? "" : ` at ${place}`}`;
}
