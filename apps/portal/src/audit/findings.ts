/** What was found so far: page after page, each asked for once. */
import type { Problem } from "@safeconduct/foundation";
import { useEffect, useRef, useState } from "react";
import { problemOf } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { type Asked, requestOf } from "./asked.ts";
import type { NamedEntry } from "./entry-words.ts";

export interface Findings {
  readonly entries: readonly NamedEntry[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
  readonly looked: number;
  readonly unproven: number;
}

interface FindingsState {
  readonly findings: Findings | null;
  readonly busy: boolean;
  readonly problem: Problem | null;
}

const NOTHING: FindingsState = { findings: null, busy: false, problem: null };

/** `onFound` hears of every page that came. `asked` is compared by what it says. */
export function useFindings(asked: Asked | null, onFound: () => void): FindingsState & { readonly more: () => void } {
  const keeper = useSession();
  const [state, setState] = useState<FindingsState>(NOTHING);
  const newest = useRef({ keeper, onFound });
  newest.current = { keeper, onFound };
  const running = useRef<AbortController | null>(null);
  const key = asked === null ? null : JSON.stringify(asked);

  function read(question: Asked, before: Findings | null): void {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setState({ findings: before, busy: true, problem: null });
    const body = { ...requestOf(question), after: before?.next ?? null };
    server.call("searchAudit", { body, signal: controller.signal }).then(
      (page) => {
        if (controller.signal.aborted) return;
        const findings = {
          entries: [...(before?.entries ?? []), ...page.entries],
          next: page.next,
          looked: (before?.looked ?? 0) + page.looked,
          unproven: (before?.unproven ?? 0) + page.unproven,
        };
        setState({ findings, busy: false, problem: null });
        newest.current.onFound();
      },
      (thrown: unknown) => {
        if (controller.signal.aborted) return;
        const problem = problemOf(thrown);
        if (!leaveIfSignedOut(newest.current.keeper, problem)) setState({ findings: before, busy: false, problem });
      },
    );
  }

  useEffect(() => {
    if (key === null) setState(NOTHING);
    else read(JSON.parse(key) as Asked, null);
    return () => running.current?.abort();
  }, [key]);

  return { ...state, more: () => asked !== null && !state.busy && read(asked, state.findings) };
}
