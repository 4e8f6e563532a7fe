/**
 * What a route of the HTTP API is.
 * `auth` says who may call: `none`; `member` (portal session or API token); `recipient` (verification session of that grant).
 */
import type { z } from "zod";

export type Auth = "none" | "member" | "recipient";
type Method = "GET" | "POST" | "DELETE";

export const API_BASE = "/api/v1";

export interface Route {
  readonly method: Method;
  /** Path under {@link API_BASE} with {name} parameters. */
  readonly path: string;
  readonly auth: Auth;
  /**
   * What is left of it to a portal session that is locked: `open` all, `begun` for a transfer that its member began before the lock.
   * Absent: nothing.
   */
  readonly whenLocked?: "open" | "begun";
  readonly summary: string;
  readonly request?: z.ZodType;
  /** Absent: 204 without a body. */
  readonly answer?: z.ZodType;
  readonly status?: 200 | 201 | 202;
  /** Media types of a body that is sent while it is made, in the place of an `answer`. */
  readonly streams?: readonly string[];
}

export const route = <const R extends Route>(definition: R): R => definition;
