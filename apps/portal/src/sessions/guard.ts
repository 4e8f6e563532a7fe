/**
 * Watches over an open page: locks it when nobody is there, keeps the pages of one browser together, and knows when the session ends.
 * What the server says counts; this only brings it onto the page in time.
 */
import { useEffect, useRef, useState } from "react";
import { problemOf } from "../elements/problems.ts";
import { after, every, hearNotes, leaveNote, now } from "../platform.ts";
import { server } from "../portal/server.ts";
import { isSignedOut } from "../portal/session.ts";
import { lockPage, lockState, onLockChange, unlockPage } from "./lock-state.ts";
import { LOCK_AFTER_MS, type Phase, Presence, REPORT_EVERY_MS } from "./presence.ts";

const USE_EVENTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;
const LOOK_EVERY_MS = 1_000;
/** The server hears of use this much later than it happened, at most; with more left somebody is at another page. */
const REPORT_SLACK_MS = 2 * REPORT_EVERY_MS;
/** From then on the page says that the session will end. */
const END_WARNING_MS = 5 * 60_000;

const USED_NOTE = "safeconduct-used";
const SESSION_NOTE = "safeconduct-session";

/** The other pages hear it. The time makes two of one kind different, or the second would not be heard. */
export const tellPages = (news: "locked" | "unlocked" | "left"): void => leaveNote(SESSION_NOTE, `${news} ${now()}`);

export interface Guard {
  readonly phase: Phase;
  /** Until the page locks; meant for the time in which it asks. */
  readonly leftMs: () => number;
  readonly stay: () => void;
  /** The session ends then, whoever is there; null unless that is soon. */
  readonly endsSoonAt: number | null;
}

/** `active` while somebody is signed in, locked or not. `over`: the session has ended; `left`: because somebody signed out on another page. */
export function useGuard(active: boolean, over: (why: "ended" | "left") => void): Guard {
  const [phase, setPhase] = useState<Phase>("present");
  const [endsSoonAt, setEndsSoonAt] = useState<number | null>(null);
  const presence = useRef<Presence | null>(null);
  const newest = useRef(over);
  useEffect(() => {
    newest.current = over;
  });
  useEffect(() => {
    if (!active) return undefined;
    const watch = keepWatch({ onPhase: setPhase, onEnd: setEndsSoonAt, over: (why) => newest.current(why) });
    presence.current = watch.presence;
    return () => {
      presence.current = null;
      setPhase("present");
      setEndsSoonAt(null);
      watch.stop();
    };
  }, [active]);
  return {
    phase,
    endsSoonAt,
    leftMs: () => presence.current?.leftMs() ?? 0,
    stay() {
      presence.current?.stay();
      setPhase(presence.current?.phase() ?? "present");
    },
  };
}

interface Watching {
  readonly onPhase: (phase: Phase) => void;
  readonly onEnd: (endsSoonAt: number | null) => void;
  readonly over: (why: "ended" | "left") => void;
}

function keepWatch({ onPhase, onEnd, over }: Watching): { presence: Presence; stop: () => void } {
  let endsAt = Number.POSITIVE_INFINITY;
  let stopped = false;
  const presence = new Presence({
    now,
    after,
    report: () => void server.call("useSession").catch(ended),
    note: (usedAt) => leaveNote(USED_NOTE, String(usedAt)),
  });

  function ended(thrown: unknown): void {
    // Anything else passes, or is met by the page's own calls.
    if (!stopped && isSignedOut(problemOf(thrown))) over("ended");
  }
  async function ask(): Promise<void> {
    try {
      const { locked, endsInMs } = await server.call("currentSession");
      if (stopped) return;
      endsAt = now() + endsInMs;
      if (locked) lockPage("told");
      else if (lockState() === "told") unlockPage();
    } catch (thrown) {
      ended(thrown);
    }
  }
  /** Nobody is at this page. Perhaps somebody is at another one that leaves no notes; else the session is locked too. */
  async function lock(): Promise<void> {
    lockPage("unused");
    try {
      const { locked, locksInMs } = await server.call("currentSession");
      if (stopped || locked) return;
      if (locksInMs > REPORT_SLACK_MS) {
        presence.heard(now() + locksInMs - LOCK_AFTER_MS);
        unlockPage();
        return;
      }
      await server.call("lockSession");
      tellPages("locked");
    } catch (thrown) {
      // Without an answer the page stays locked, and the session locks itself.
      ended(thrown);
    }
  }
  function look(): void {
    if (now() >= endsAt) {
      endsAt = Number.POSITIVE_INFINITY;
      void ask();
    }
    onEnd(endsAt - now() <= END_WARNING_MS ? endsAt : null);
    const phase = presence.phase();
    onPhase(phase);
    if (phase === "absent" && lockState() === "open") void lock();
  }
  function used(): void {
    presence.used();
    look();
  }
  function seen(): void {
    if (!document.hidden) look();
  }

  const endings = [
    every(LOOK_EVERY_MS, look),
    onLockChange(() => {
      if (lockState() === "open" && presence.phase() !== "present") presence.begin();
      look();
    }),
    hearNotes(USED_NOTE, (note) => {
      presence.heard(Number(note));
      look();
    }),
    hearNotes(SESSION_NOTE, (note) => {
      const [news] = note.split(" ");
      if (news === "left") over("left");
      else if (news === "locked") lockPage("told");
      // The word of a page is no proof: the server is asked.
      else if (news === "unlocked") void ask();
    }),
  ];
  for (const name of USE_EVENTS) addEventListener(name, used, { passive: true, capture: true });
  document.addEventListener("visibilitychange", seen);
  presence.begin();
  void ask();
  look();
  return {
    presence,
    stop() {
      stopped = true;
      presence.stop();
      for (const end of endings) end();
      for (const name of USE_EVENTS) removeEventListener(name, used, { capture: true });
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
