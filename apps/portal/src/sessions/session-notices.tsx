/** What the session itself has to say on an open page: that it asks for somebody, and that it ends soon. */
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { dates } from "../elements/words.ts";
import type { Guard } from "./guard.ts";
import { IdleDialog } from "./idle-dialog.tsx";
import { useLeave } from "./leave.ts";
import { texts } from "./texts.ts";

const NOW_EVERY_MS = 20_000;

export function SessionNotices({ guard }: { guard: Guard }): ReactElement {
  const leave = useLeave();
  const { endsSoonAt } = guard;
  return (
    <>
      {endsSoonAt !== null && <EndsSoon at={endsSoonAt} />}
      {guard.phase === "warned" && (
        <IdleDialog leftMs={guard.leftMs} onStay={guard.stay} onLeave={() => void leave()} />
      )}
    </>
  );
}

function EndsSoon({ at }: { at: number }): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  // Said once; the minutes go on for the eye.
  const [announced] = useState(() => texts.endsSoon(dates.short(at), dates.relative(at, now)));
  return (
    <aside className="session-ends" aria-label={texts.sessionLabel}>
      <p aria-hidden="true">{texts.endsSoon(dates.short(at), dates.relative(at, now))}</p>
      <p className="visually-hidden" role="status">
        {announced}
      </p>
    </aside>
  );
}
