/**
 * Which device keys a grant's releases went to, so that a release looks up one row instead of reading a transfer's events;
 * and a member's devices, to count them.
 */
import type { Migration } from "../migration.ts";

export const releaseKeys: Migration = {
  number: 2,
  name: "release keys and devices of a member",
  statements: ({ text, integer, bytes, strict }) => [
    `create table release_keys (
      "grant" ${text} not null references grants (id),
      key_hash ${bytes} not null,
      at ${integer} not null,
      primary key ("grant", key_hash)
    )${strict}`,
    // Bytes 107 to 138 of a leaf are its payload hash: of a release, that of the device's key (docs/formats/leaf.md).
    `insert into release_keys ("grant", key_hash, at)
      select "grant", substr(leaf, 107, 32), min(at) from events
        where type = 'grant/released' and "grant" in (select id from grants)
        group by "grant", substr(leaf, 107, 32)`,
    "create index devices_of_member on devices (member)",
  ],
};
