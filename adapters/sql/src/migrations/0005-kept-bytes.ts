/** What an organisation's transfers take, summed from an index alone. */
import type { Migration } from "../migration.ts";

export const keptBytes: Migration = {
  number: 5,
  name: "kept bytes",
  statements: () => [
    "create index transfers_kept on transfers (organisation, blob_length_bytes) where destroyed_at is null",
  ],
};
