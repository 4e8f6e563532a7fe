/** Routes about how a member signs in, each tied to its use case. */
import { type accountRoutes, bytesText } from "@safeconduct/contract";
import {
  addMemberPasskey,
  askProofPasskey,
  askSignInPasskey,
  beginMemberPasskey,
  changePassword,
  chooseLanguage,
  listMemberPasskeys,
  openedFrom,
  passkeyProblem,
  provePasskeyOfMember,
  removeMemberPasskey,
  signInWithPasskey,
} from "@safeconduct/exchange";
import { parseId } from "@safeconduct/foundation";
import type { Instance } from "../../instance.ts";
import { memberBody, memberPasskeyBody, newPasskeyBody } from "../answers.ts";
import { askedBrowser, clearQuestionCookie, setQuestionCookie, setSessionCookie } from "../callers.ts";
import type { Handlers } from "../routing.ts";
import { requireSameOrigin } from "../security.ts";

export function accountHandlers(instance: Instance): Pick<Handlers, keyof typeof accountRoutes> {
  const { store, perform, outbox, identity, passkeys } = instance;
  const { random, sha256 } = instance.crypto;
  return {
    askSignInPasskey: async ({ reply, now }) => {
      requireSameOrigin(reply.request, instance.origins());
      const { bearer, challenge, ...asked } = await askSignInPasskey({ store, passkeys, random, sha256, now });
      setQuestionCookie(reply, bearer, asked.expiresInSeconds);
      return { ...asked, challenge: bytesText(challenge) };
    },
    signInWithPasskey: async ({ body: { userHandle, ...assertion }, reply, now }) => {
      requireSameOrigin(reply.request, instance.origins());
      const from = openedFrom(reply.request.headers["user-agent"]);
      const { member, organisation, session } = await signInWithPasskey(
        { store, perform, passkeys, random, sha256, now },
        { bearer: askedBrowser(reply.request), assertion, userHandle, from },
      );
      setSessionCookie(reply, session);
      clearQuestionCookie(reply);
      return memberBody(member, organisation);
    },
    askProofPasskey: async ({ caller, now }) => {
      const { challenge, allowed, ...asked } = await askProofPasskey({ store, passkeys, random, sha256, now }, caller);
      return { ...asked, challenge: bytesText(challenge), allowed: allowed.map(bytesText) };
    },
    provePasskeyOfMember: async ({ caller, body, now }) => {
      await provePasskeyOfMember({ store, perform, passkeys, sha256, now }, caller, body);
      return undefined;
    },
    changePassword: async ({ caller, body, now }) => {
      await changePassword({ store, perform, outbox, identity, passkeys, random, sha256, now }, caller, body);
      return undefined;
    },
    chooseLanguage: async ({ caller, body }) => {
      await chooseLanguage({ store }, caller, body);
      return undefined;
    },
    listMemberPasskeys: async ({ caller, now }) => ({
      passkeys: (await listMemberPasskeys({ store, now }, caller)).map(memberPasskeyBody),
    }),
    beginMemberPasskey: async ({ caller, now }) =>
      newPasskeyBody(await beginMemberPasskey({ store, passkeys, random, sha256, now }, caller)),
    addMemberPasskey: async ({ caller, body, now }) =>
      memberPasskeyBody(
        await addMemberPasskey({ store, perform, outbox, passkeys, random, sha256, now }, caller, body),
      ),
    removeMemberPasskey: async ({ caller, path }) => {
      const id = parseId("factor", path["passkey"] ?? "");
      if (id === null) throw passkeyProblem("passkey/unknown");
      await removeMemberPasskey({ perform, outbox, random }, caller, id);
      return undefined;
    },
  };
}
