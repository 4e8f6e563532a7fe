/** Routes of second factors of recipients, each tied to its use case. */
import { bytesText, type ownFactorRoutes, type recipientFactorRoutes } from "@safeconduct/contract";
import {
  askPasskey,
  beginAuthenticator,
  beginPasskey,
  confirmAuthenticator,
  confirmPasskey,
  ownFactors,
  proveAuthenticator,
  provePasscode,
  provePasskey,
  recipientFactors,
  removeOwnFactor,
  removeRecipientFactor,
} from "@safeconduct/exchange";
import type { Instance } from "../../instance.ts";
import { newPasskeyBody } from "../answers.ts";
import type { Handlers } from "../routing.ts";

export function factorHandlers(
  instance: Instance,
): Pick<Handlers, keyof typeof ownFactorRoutes | keyof typeof recipientFactorRoutes> {
  const { store, perform, factorSecrets, passkeys } = instance;
  const { random, sha256 } = instance.crypto;
  return {
    recipientFactors: async ({ caller, body }) => ({
      enrolled: [...(await recipientFactors({ store, factorSecrets }, caller, body))],
    }),
    removeRecipientFactor: async ({ caller, body }) => {
      await removeRecipientFactor({ perform, factorSecrets }, caller, body);
      return undefined;
    },
    provePasscode: async ({ caller, body }) => {
      await provePasscode({ perform, sha256 }, caller, body);
      return undefined;
    },
    proveAuthenticator: async ({ caller, body }) => {
      await proveAuthenticator({ perform, factorSecrets }, caller, body);
      return undefined;
    },
    askPasskey: async ({ caller }) => {
      const asked = await askPasskey({ perform, passkeys, random }, caller);
      return { ...asked, challenge: bytesText(asked.challenge) };
    },
    provePasskey: async ({ caller, body, now }) => {
      await provePasskey({ store, perform, factorSecrets, passkeys, now }, caller, body);
      return undefined;
    },
    ownFactors: async ({ caller, now }) => {
      const { enrolled, removable } = await ownFactors({ store, factorSecrets, now }, caller);
      return { enrolled: [...enrolled], removable: [...removable] };
    },
    beginAuthenticator: ({ caller }) => beginAuthenticator({ perform, factorSecrets, random }, caller),
    confirmAuthenticator: async ({ caller, body }) => {
      await confirmAuthenticator({ perform, factorSecrets }, caller, body);
      return undefined;
    },
    beginPasskey: async ({ caller }) =>
      newPasskeyBody(await beginPasskey({ perform, factorSecrets, passkeys, random }, caller)),
    confirmPasskey: async ({ caller, body, now }) => {
      await confirmPasskey({ store, perform, factorSecrets, passkeys, random, now }, caller, body);
      return undefined;
    },
    removeOwnFactor: async ({ caller, body }) => {
      await removeOwnFactor({ perform, factorSecrets }, caller, body);
      return undefined;
    },
  };
}
