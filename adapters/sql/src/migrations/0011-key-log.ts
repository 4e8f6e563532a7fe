/** The last checkpoint of the key service's own log that the main ledger has. */
import type { Migration } from "../migration.ts";

export const keyLog: Migration = {
  number: 11,
  name: "key service's log",
  statements: ({ text }) => [`alter table instance add column key_log_checkpoint ${text}`],
};
