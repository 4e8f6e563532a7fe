/** Routes of the first run, each tied to its use case. */
import type { setupRoutes } from "@safeconduct/contract";
import { completeSetup, enrolFirstMember, openedFrom } from "@safeconduct/exchange";
import type { Instance } from "../../instance.ts";
import { memberBody } from "../answers.ts";
import { setSessionCookie } from "../callers.ts";
import type { Handlers } from "../routing.ts";

export function setupHandlers(instance: Instance): Pick<Handlers, keyof typeof setupRoutes> {
  const { store, perform, identity } = instance;
  const { random, sha256 } = instance.crypto;
  return {
    enrolFirstMember: ({ body }) => enrolFirstMember({ store, identity, random, sha256 }, body),
    completeSetup: async ({ body, reply }) => {
      const from = openedFrom(reply.request.headers["user-agent"]);
      const done = await completeSetup({ store, perform, identity, random, sha256 }, { ...body, from });
      setSessionCookie(reply, done.session);
      return { ...memberBody(done.member, done.organisation), apiToken: done.apiToken };
    },
  };
}
