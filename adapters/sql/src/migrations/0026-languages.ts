/** Members have a language that they read, and links the one of the mails about them. Null: the organisation's. */
import type { Migration } from "../migration.ts";

export const languages: Migration = {
  number: 26,
  name: "languages",
  statements: ({ text }) => [
    `alter table members add column language ${text}`,
    `alter table grants add column language ${text}`,
  ],
};
