/** Where somebody asked to bring a transfer back with the organisation's recovery cards, the transfer says so for a day. */
import type { routes } from "@safeconduct/contract";
import type { Problem } from "@safeconduct/foundation";
import type { ReactElement } from "react";
import type { z } from "zod";
import { dates } from "../elements/words.ts";
import { useFresh } from "../portal/fresh.ts";
import { server } from "../portal/server.ts";
import { seesColleagues, type Who } from "./acts.ts";
import type { Transfer } from "./custody.ts";
import { texts as words } from "./texts.ts";

type Recovery = z.output<(typeof routes)["listRecoveries"]["answer"]>["recoveries"][number];

const EVERY_MS = 60_000;

/** Empty where they cannot be read: the transfers are what the page is for. */
export function useRecoveries(who: Who, onProblem: (problem: Problem) => boolean): readonly Recovery[] {
  const maySee = seesColleagues(who) || who.member.roles.includes("sender");
  const read = (signal: AbortSignal) =>
    maySee ? server.call("listRecoveries", { signal }) : Promise.resolve({ recoveries: [] });
  const { value } = useFresh(read, { onProblem, everyMs: EVERY_MS });
  return value?.recoveries ?? [];
}

export function RecoveryNotice({
  of,
  recoveries,
}: {
  of: Transfer;
  recoveries: readonly Recovery[];
}): ReactElement | null {
  const asked = recoveries.filter(({ transfer }) => transfer === of.id);
  if (asked.length === 0) return null;
  return (
    <div className="notice note stack-tight">
      {asked.map((recovery) => (
        <p key={recovery.id}>
          {words.recovery[stateOf(recovery)](
            recovery.member.name,
            dates.short(recovery.createdAt),
            dates.short(recovery.expiresAt),
          )}
        </p>
      ))}
    </div>
  );
}

function stateOf({ approvedBy, released }: Recovery): "waiting" | "approved" | "released" {
  if (released) return "released";
  return approvedBy === null ? "waiting" : "approved";
}
