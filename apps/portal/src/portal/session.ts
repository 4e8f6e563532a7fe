/** Who is signed in, for the pages that need somebody. */
import type { Problem } from "@safeconduct/foundation";
import { createContext, useContext } from "react";
import { openPage } from "./routing.ts";
import type { server } from "./server.ts";

type Answer = Awaited<ReturnType<typeof server.call<"me">>>;
type Member = Answer;

/** `unknown` until the server was asked. */
export type Session =
  | { readonly state: "unknown" }
  | { readonly state: "out" }
  | { readonly state: "in"; readonly who: Member };

export interface SessionKeeper {
  readonly session: Session;
  readonly signedIn: (who: Member) => void;
  /** `why` stands on the sign-in page. */
  readonly signedOut: (why: "left" | "ended" | null) => void;
  readonly why: "left" | "ended" | null;
  /** Where to go after the sign-in: the page from which it was asked for. */
  readonly returnTo: string;
}

export const SessionContext = createContext<SessionKeeper | null>(null);

export function useSession(): SessionKeeper {
  const keeper = useContext(SessionContext);
  if (keeper === null) throw new Error("no session around this page");
  return keeper;
}

const SIGN_IN_REQUIRED = "sign-in/required";

export const isSignedOut = (problem: Problem): boolean => problem.code === SIGN_IN_REQUIRED;

/** True when the problem was that the session is over: the sign-in page is open then. */
export function leaveIfSignedOut(keeper: SessionKeeper, problem: Problem): boolean {
  if (!isSignedOut(problem)) return false;
  keeper.signedOut("ended");
  openPage("/sign-in");
  return true;
}
