/** Who was invited to become a member and has not joined yet. The link's token is not kept: its hash, and what it is made from. */
import type { Migration } from "../migration.ts";

export const invitations: Migration = {
  number: 15,
  name: "invitations",
  statements: ({ text, integer, bytes, counter, strict }) => [
    `create table invitations (
      number ${counter},
      id ${text} not null unique,
      organisation ${text} not null references organisations (id),
      member ${text} not null unique,
      address ${text} not null,
      name ${text} not null,
      roles ${text} not null,
      invited_by ${text} not null references members (id),
      salt ${bytes} not null,
      token_hash ${bytes} not null unique,
      created_at ${integer} not null,
      sent_at ${integer} not null,
      expires_at ${integer} not null,
      undelivered_at ${integer},
      pending_name ${text}
    )${strict}`,
    "create index invitations_of_organisation on invitations (organisation, number)",
  ],
};
