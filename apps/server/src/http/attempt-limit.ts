/**
 * How often one client may try what costs work or could be guessed: set-up, sign-in, codes. Counted by client address and
 * route in fixed windows, in memory: it blunts floods. What guards an account or a grant is counted durably, elsewhere.
 */
import type { RouteName } from "@safeconduct/contract";
import { requestProblem } from "./errors.ts";

const WINDOW_MS = 60_000;
const ATTEMPTS_PER_WINDOW = 120;
/** Clients remembered at once; a flood of addresses forgets the oldest, never grows. */
const CLIENT_LIMIT = 10_000;

const LIMITED: ReadonlySet<RouteName> = new Set([
  "enrolFirstMember",
  "completeSetup",
  "invited",
  "enrolInvited",
  "completeJoining",
  "signIn",
  "provePassword",
  "changePassword",
  "askSignInPasskey",
  "signInWithPasskey",
  "askProofPasskey",
  "provePasskeyOfMember",
  "beginMemberPasskey",
  "addMemberPasskey",
  "sendCode",
  "confirm",
  "sendDeletionCode",
  "confirmDeletion",
  "provePasscode",
  "proveAuthenticator",
  "confirmAuthenticator",
  "askPasskey",
  "provePasskey",
  "beginPasskey",
  "confirmPasskey",
]);

export class AttemptLimit {
  private readonly counts = new Map<string, { since: number; attempts: number }>();

  /** `now` is monotonic, in milliseconds. Problem `request/slow-down`. */
  count(route: RouteName, client: string, now: number): void {
    if (!LIMITED.has(route)) return;
    const key = `${route} ${client}`;
    const held = this.counts.get(key);
    const current = held !== undefined && now < held.since + WINDOW_MS ? held : { since: now, attempts: 0 };
    current.attempts++;
    this.counts.delete(key);
    this.counts.set(key, current);
    const [oldest] = this.counts.keys();
    if (this.counts.size > CLIENT_LIMIT && oldest !== undefined) this.counts.delete(oldest);
    if (current.attempts > ATTEMPTS_PER_WINDOW) {
      throw requestProblem("request/slow-down", {
        retryAfterSeconds: Math.ceil((current.since + WINDOW_MS - now) / 1000),
      });
    }
  }
}
