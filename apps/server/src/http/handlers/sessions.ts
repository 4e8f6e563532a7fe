/** Routes of signing in, portal sessions and API tokens, each tied to its use case. */
import type { sessionRoutes } from "@safeconduct/contract";
import {
  createToken,
  endOtherSessions,
  endSession,
  listSessions,
  lockSession,
  openedFrom,
  provePassword,
  revokeToken,
  showSession,
  signIn,
  signInProblem,
  signOut,
  tokenProblem,
  useSession,
} from "@safeconduct/exchange";
import { parseId } from "@safeconduct/foundation";
import type { Instance } from "../../instance.ts";
import { memberBody, ownSessionBody, sessionBody, tokenBody } from "../answers.ts";
import { clearSessionCookie, setSessionCookie } from "../callers.ts";
import type { Handlers } from "../routing.ts";

export function sessionHandlers(instance: Instance): Pick<Handlers, keyof typeof sessionRoutes> {
  const { store, perform, identity, testMails } = instance;
  const { random, sha256 } = instance.crypto;
  return {
    signIn: async ({ body, reply }) => {
      const from = openedFrom(reply.request.headers["user-agent"]);
      const { member, organisation, session } = await signIn({ perform, identity, random, sha256 }, { ...body, from });
      setSessionCookie(reply, session);
      return memberBody(member, organisation);
    },
    signOut: async ({ caller, reply }) => {
      await signOut({ perform }, caller);
      clearSessionCookie(reply);
      return undefined;
    },
    currentSession: async ({ caller, now }) => sessionBody(await showSession({ store, now }, caller)),
    useSession: async ({ caller, now }) => {
      await useSession({ store, now }, caller);
      return undefined;
    },
    lockSession: async ({ caller }) => {
      await lockSession({ perform }, caller);
      return undefined;
    },
    provePassword: async ({ caller, body, now }) => {
      await provePassword({ store, perform, identity, now }, caller, body);
      return undefined;
    },
    listSessions: async ({ caller, now }) => ({
      sessions: (await listSessions({ store, now }, caller)).map(ownSessionBody),
    }),
    endOtherSessions: async ({ caller }) => {
      await endOtherSessions({ perform }, caller);
      return undefined;
    },
    endSession: async ({ caller, path }) => {
      const id = parseId("session", path["session"] ?? "");
      if (id === null) throw signInProblem("sign-in/session-unknown");
      await endSession({ perform }, caller, id);
      return undefined;
    },
    me: ({ caller }) =>
      store.read(async (view) => {
        const member = await view.findMember(caller.member);
        const organisation = await view.organisation(caller.organisation);
        if (member === null || organisation === null) throw signInProblem("sign-in/required");
        return memberBody(member, organisation);
      }),
    sendTestMail: ({ caller }) => testMails.send(caller),
    listTokens: async ({ caller }) => ({
      tokens: (await store.read((view) => view.tokensOf(caller.member))).map(tokenBody),
    }),
    createToken: async ({ caller, body }) => {
      const { record, bearer } = await createToken({ perform, random, sha256 }, caller, body);
      return { ...tokenBody(record), token: bearer };
    },
    revokeToken: async ({ caller, path }) => {
      const id = parseId("token", path["token"] ?? "");
      if (id === null) throw tokenProblem("token/unknown");
      await revokeToken({ perform }, caller, id);
      return undefined;
    },
  };
}
