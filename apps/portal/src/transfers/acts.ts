/** What a person can do about a transfer, and who may: the server asks the same again (docs/adr/0016-roles.md). */
import type { routes } from "@safeconduct/contract";
import type { z } from "zod";
import { server } from "../portal/server.ts";
import type { Session } from "../portal/session.ts";
import type { Grant, Transfer } from "./custody.ts";

export type HoldReason = z.output<(typeof routes)["placeHold"]["request"]>["reason"];

/** One member of the union for each name, so that a name tells which it is. */
type With<Name extends string, More> = Name extends string
  ? { readonly act: Name; readonly transfer: Transfer } & More
  : never;

export type Act =
  | With<"revoke" | "suspend" | "resume" | "settle" | "relink", { readonly grant: Grant }>
  | With<"revoke-all" | "abandon" | "add" | "hold", object>
  | With<"lift", { readonly reason: HoldReason }>;

export interface Rights {
  /** Sent by whoever looks at it, who may still send. */
  readonly isOwn: boolean;
  /** Revoke, suspend, mark as dealt with, certificate. */
  readonly canClose: boolean;
  /** New links are made on a device of the sender. */
  readonly canAdd: boolean;
  readonly canHold: boolean;
  /** Opens what an officer closed. */
  readonly canOverrule: boolean;
}

export type Who = Extract<Session, { state: "in" }>["who"];

/** Where one sees colleagues' transfers too. */
export const seesColleagues = ({ member }: Pick<Who, "member">): boolean => member.roles.includes("compliance-officer");

export function rightsOf({ member }: Who, transfer: Transfer): Rights {
  const isOwn = transfer.sender.id === member.id && member.roles.includes("sender");
  const oversees = seesColleagues({ member });
  return { isOwn, canAdd: isOwn, canClose: isOwn || oversees, canHold: oversees, canOverrule: oversees };
}

/** The transfer as it is then. */
export function revoke(transfer: Transfer, grant: Grant | null): Promise<Transfer> {
  const path = { transfer: transfer.id };
  return grant === null
    ? server.call("revokeTransfer", { path })
    : server.call("revokeGrant", { path: { ...path, grant: grant.id } });
}

export const turn = (to: "suspend" | "resume", transfer: Transfer, grant: Grant): Promise<Transfer> =>
  server.call(to === "suspend" ? "suspendGrant" : "resumeGrant", { path: { transfer: transfer.id, grant: grant.id } });

/** That what was reported is dealt with, as it stands on the page: what was reported since is refused. */
export const settle = (transfer: Transfer, grant: Grant): Promise<Transfer> =>
  server.call("settleProblem", {
    path: { transfer: transfer.id, grant: grant.id },
    body: { reports: grant.problem?.reports ?? 0 },
  });

export const abandon = (transfer: Transfer): Promise<Transfer> =>
  server.call("abandonTransfer", { path: { transfer: transfer.id } });

export const placeHold = (transfer: Transfer, reason: HoldReason): Promise<Transfer> =>
  server.call("placeHold", { path: { transfer: transfer.id }, body: { reason } });

export const liftHold = (transfer: Transfer, reason: HoldReason): Promise<Transfer> =>
  server.call("liftHold", { path: { transfer: transfer.id }, body: { reason } });
