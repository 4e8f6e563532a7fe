/** The ids in a path. A malformed id is an unknown one. */
import { grantProblem, membersProblem, recoveryProblem, transferProblem } from "@safeconduct/exchange";
import {
  type GrantId,
  type InvitationId,
  type MemberId,
  parseId,
  type RecoveryId,
  type TransferId,
} from "@safeconduct/foundation";

type Path = Readonly<Record<string, string>>;

export function transferIn(path: Path): TransferId {
  const id = parseId("transfer", path["transfer"] ?? "");
  if (id === null) throw transferProblem("transfer/unknown");
  return id;
}

export function grantIn(path: Path): { transfer: TransferId; grant: GrantId } {
  const transfer = transferIn(path);
  const grant = parseId("grant", path["grant"] ?? "");
  if (grant === null) throw grantProblem("grant/unknown");
  return { transfer, grant };
}

export function linkedGrant(path: Path): GrantId {
  const id = parseId("grant", path["grant"] ?? "");
  if (id === null) throw grantProblem("grant/unavailable");
  return id;
}

export function recoveryIn(path: Path): RecoveryId {
  const id = parseId("recovery", path["recovery"] ?? "");
  if (id === null) throw recoveryProblem("recovery/unknown");
  return id;
}

export function memberIn(path: Path): MemberId {
  const id = parseId("member", path["member"] ?? "");
  if (id === null) throw membersProblem("member/unknown");
  return id;
}

export function invitationIn(path: Path): InvitationId {
  const id = parseId("invitation", path["invitation"] ?? "");
  if (id === null) throw membersProblem("invitation/unknown");
  return id;
}
