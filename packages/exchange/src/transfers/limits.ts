/** Bounds on lives and clocks. */
import { LIMITS } from "@safeconduct/contract";

const HOUR_MS = 60 * 60 * 1000;

/** A recipient's link lives at most this long, counted from the seal. */
export const GRANT_LIFE_MAX_MS = LIMITS.grantLifeMs;
/** The sender's own grant outlives every recipient's; it ends with the transfer at the latest. */
export const SENDER_GRANT_LIFE_MAX_MS = 30 * 24 * HOUR_MS;
/** How far a client's clock may be ahead of ours before its terms look wrong. */
export const CLOCK_SKEW_MS = 5 * 60 * 1000;
export const DRAFT_LIFE_MS = LIMITS.draftLifeMs;
/** A capped grant may still fetch the bytes of its last release for this long. */
export const CAPPED_DOWNLOAD_MS = HOUR_MS;
/** A link that its receipt closes stays open for this long after it: somebody may want to look once more. */
export const RECEIPT_GRACE_MS = 15 * 60 * 1000;
/** Links of a transfer that are open at a time. */
export const RECIPIENTS_PER_TRANSFER = LIMITS.recipientsPerTransfer;
/** Links that a transfer ever had, fresh ones counted; each leaves entries and a tombstone. */
export const GRANTS_PER_TRANSFER = 200;
/** Drafts that one member may have open at a time: scripts send in parallel, but nobody needs more. */
export const OPEN_DRAFTS_PER_MEMBER = 100;
/** Drafts of all members together. */
export const OPEN_DRAFTS_LIMIT = 1000;
/** Largest cap that a grant may have; each release under a cap is remembered for the life of the grant. */
export const RELEASE_CAP_MAX = 1000;
