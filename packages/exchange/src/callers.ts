/** Who calls a use case, already authenticated. Each request is authenticated anew. */
import type { MemberRole } from "@safeconduct/contract";
import type { GrantId, MemberId, OrganisationId, SessionId, TokenId } from "@safeconduct/foundation";

export interface MemberCaller {
  readonly member: MemberId;
  readonly organisation: OrganisationId;
  /** As they were when the request came. A decision on a transfer reads them again, in its own transaction. */
  readonly roles: readonly MemberRole[];
  readonly by: { readonly session: SessionId } | { readonly token: TokenId };
}

/** Someone who has proven the address of this grant, for a short time. */
export interface RecipientCaller {
  readonly grant: GrantId;
  readonly session: SessionId;
}
