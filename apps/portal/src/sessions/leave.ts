/** Signing out from wherever one is. */
import { problemOf } from "../elements/problems.ts";
import { openPage } from "../portal/routing.ts";
import { server } from "../portal/server.ts";
import { isSignedOut, useSession } from "../portal/session.ts";

/** Answers false where the session may still be open: nobody is to believe otherwise. */
export function useLeave(): () => Promise<boolean> {
  const { signedOut } = useSession();
  return async () => {
    try {
      await server.call("signOut");
    } catch (thrown) {
      if (!isSignedOut(problemOf(thrown))) return false;
    }
    signedOut("left");
    openPage("/sign-in");
    return true;
  };
}
