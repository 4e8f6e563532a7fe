/** What a use case says of itself; the performer turns it into a readable event and a leaf, in one place. */
import type { Bytes, GrantId, MemberId, OrganisationId } from "@safeconduct/foundation";
import type { EventType } from "@safeconduct/ledger";
import type { TransferRecord } from "../records.ts";

/** Who acted. A recipient is known by the grant whose link was used; `system` is this instance by itself. */
type Actor =
  | { readonly kind: "member"; readonly id: MemberId }
  | { readonly kind: "recipient"; readonly id: GrantId }
  | { readonly kind: "setup" }
  | { readonly kind: "system" };

export interface Entry {
  readonly type: EventType;
  readonly actor: Actor;
  readonly organisation: OrganisationId | null;
  readonly transfer?: Pick<TransferRecord, "id" | "subjectSalt">;
  readonly grant?: GrantId;
  /** A stable code when the act was refused. */
  readonly refused?: string;
  /** Plain facts for the readable event. Never PHI, keys, codes, tokens or file names; an address only where the grant is made. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
  /** Hash of the frozen terms that applied. */
  readonly termsHash?: Bytes;
  /** Root over the parts, or hash of the key service's statement. */
  readonly payloadHash?: Bytes;
}
