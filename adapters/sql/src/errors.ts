/** What can be expected to go wrong with a database. */
import { Problem } from "@safeconduct/foundation";

export type StoreProblemCode =
  | "store/conflict"
  | "store/busy"
  | "store/full"
  | "store/unavailable"
  | "store/already-open"
  | "store/damaged"
  | "store/unwritable"
  | "store/schema-unknown";

const MESSAGES: Record<StoreProblemCode, string> = {
  "store/conflict": "Something with this identifier exists already.",
  "store/busy": "Too many changes met at once, so this one was not made. Try again.",
  "store/full": "The disk of the database is full, so nothing was changed. Free some space and try again.",
  "store/unavailable":
    "The database cannot be reached just now. Whether this was done is not known: look, and try again in a moment.",
  "store/already-open": "Another Safeconduct has this data folder open. End it first, or choose another folder.",
  "store/damaged":
    "The database is damaged. Stop Safeconduct, keep a copy of the data folder, and restore the database and the ledger from your backup.",
  "store/unwritable": "The data folder cannot be written. Check that it exists, who owns it and its permissions.",
  "store/schema-unknown":
    "This database was made by another or a newer version of Safeconduct. Start that version, or restore a copy that fits this one.",
};

export const storeProblem = (code: StoreProblemCode): Problem<StoreProblemCode> => new Problem(code, MESSAGES[code]);
