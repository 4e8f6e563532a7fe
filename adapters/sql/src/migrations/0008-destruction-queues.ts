/**
 * What somebody ordered to be destroyed and what time alone brings wait in queues of their own: clocks that disagree hold up the
 * second and must not hold up the first. A draft that was abandoned after its whole day (86,400,000 milliseconds) is time's.
 */
import type { Migration } from "../migration.ts";

export const destructionQueues: Migration = {
  number: 8,
  name: "destruction queues",
  statements: () => [
    "drop index transfers_to_destroy",
    "drop index grants_ended",
    `create index transfers_to_destroy_by_order on transfers (destroy_due_at, number)
      where destroyed_at is null
        and (state = 'revoked'
          or (state = 'abandoned' and coalesce(ended_at, created_at) - created_at <= 86400000))`,
    `create index transfers_to_destroy_by_time on transfers (destroy_due_at, number)
      where destroyed_at is null
        and (state not in ('revoked', 'abandoned')
          or (state = 'abandoned' and coalesce(ended_at, created_at) - created_at > 86400000))`,
    `create index grants_to_destroy_by_order on grants (destroy_due_at, number)
      where destroyed_at is null and state = 'revoked'`,
    `create index grants_to_destroy_by_time on grants (destroy_due_at, number)
      where destroyed_at is null and state in ('expired', 'capped')`,
  ],
};
