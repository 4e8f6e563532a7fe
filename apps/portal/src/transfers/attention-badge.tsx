/** The number beside "Transfers" in the navigation: how many need attention. Nothing where none does. */
import type { ReactElement } from "react";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { texts } from "../portal/texts.ts";
import { useAttention } from "./attention.ts";

/** The server counts no further (packages/exchange search-transfers.ts). */
const COUNTED_MAX = 100;

export function AttentionBadge(): ReactElement | null {
  const keeper = useSession();
  const count = useAttention((problem) => leaveIfSignedOut(keeper, problem));
  if (count === null || count === 0) return null;
  const number = count >= COUNTED_MAX ? `${COUNTED_MAX - 1}+` : String(count);
  return (
    <>
      <span className="badge" aria-hidden="true">
        {number}
      </span>
      <span className="visually-hidden">{texts.nav.attention(number)}</span>
    </>
  );
}
