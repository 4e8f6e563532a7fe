/**
 * An answer that is kept fresh: read again every few seconds while the page is seen and used, replaced only when it
 * differs, kept when a reading fails. It pauses when nobody is there, because nobody reads it, and while the page is locked.
 */
import type { Problem } from "@safeconduct/foundation";
import { useEffect, useRef, useState } from "react";
import { problemOf } from "../elements/problems.ts";
import { after, now } from "../platform.ts";
import { lockState, onLockChange } from "../sessions/lock-state.ts";

const EVERY_MS = 4_000;
const PAUSE_AFTER_MS = 5 * 60_000;
const USE_EVENTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

export interface Fresh<T> {
  readonly value: T | null;
  /** Of the last reading; null when it went well. */
  readonly problem: Problem | null;
  readonly paused: boolean;
  readonly readNow: () => void;
}

/** `read` may change with each render; the newest is used. `onProblem` returns true when it dealt with the problem. */
export function useFresh<T>(
  read: (signal: AbortSignal) => Promise<T>,
  {
    onProblem = () => false,
    everyMs = EVERY_MS,
    key = "",
  }: {
    onProblem?: (problem: Problem) => boolean;
    everyMs?: number;
    /** Another one is another question: it is asked at once, and no answer to the one before comes after it. */
    key?: string;
  } = {},
): Fresh<T> {
  const [state, setState] = useState<{ value: T | null; problem: Problem | null }>({ value: null, problem: null });
  const [paused, setPaused] = useState(false);
  const newest = useRef({ read, onProblem });
  const readNow = useRef(() => undefined as void);
  useEffect(() => {
    newest.current = { read, onProblem };
  });
  useEffect(() => {
    const reading = keepReading<T>({
      read: (signal) => newest.current.read(signal),
      onValue: (value) =>
        setState((old) =>
          old.problem === null && same(old.value, value)
            ? old
            : { value: same(old.value, value) ? old.value : value, problem: null },
        ),
      onProblem: (problem) => {
        if (!newest.current.onProblem(problem)) setState((old) => ({ value: old.value, problem }));
      },
      onPause: setPaused,
      everyMs,
    });
    readNow.current = reading.readNow;
    return reading.stop;
  }, [everyMs, key]);
  return { ...state, paused, readNow: () => readNow.current() };
}

const nothing = (): void => undefined;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function keepReading<T>(reader: {
  read: (signal: AbortSignal) => Promise<T>;
  onValue: (value: T) => void;
  onProblem: (problem: Problem) => void;
  onPause: (paused: boolean) => void;
  everyMs: number;
}): { readNow: () => void; stop: () => void } {
  let callOff = nothing;
  let running: AbortController | null = null;
  let usedAt = now();
  let paused = false;

  async function readOnce(): Promise<void> {
    callOff();
    running?.abort();
    const controller = new AbortController();
    running = controller;
    try {
      const value = await reader.read(controller.signal);
      if (!controller.signal.aborted) reader.onValue(value);
    } catch (thrown) {
      if (!controller.signal.aborted) reader.onProblem(problemOf(thrown));
    }
    if (!controller.signal.aborted) callOff = after(reader.everyMs, next);
  }

  function next(): void {
    if (document.hidden || lockState() !== "open") return;
    if (now() - usedAt >= PAUSE_AFTER_MS) {
      paused = true;
      reader.onPause(true);
      return;
    }
    void readOnce();
  }

  function used(): void {
    usedAt = now();
    if (!paused || lockState() !== "open") return;
    paused = false;
    reader.onPause(false);
    void readOnce();
  }

  function seen(): void {
    if (!document.hidden && lockState() === "open") void readOnce();
  }

  for (const name of USE_EVENTS) addEventListener(name, used, { passive: true });
  document.addEventListener("visibilitychange", seen);
  const endLockWatch = onLockChange(seen);
  void readOnce();
  return {
    readNow: () => void readOnce(),
    stop() {
      callOff();
      running?.abort();
      endLockWatch();
      for (const name of USE_EVENTS) removeEventListener(name, used);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
