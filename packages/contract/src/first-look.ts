/**
 * What the recipient's page asks of the server before and with its first button, and any problem document, with answers read by hand
 * (hand-read.ts) so that the page loads no schemas yet. Methods and paths are those of the table: anything else does not compile.
 */
import type { CallableRoute } from "./client.ts";
import { fields, finite, flag, oneOf, orNull, reader, text, whole, wholeFrom } from "./hand-read.ts";
import { INSTANT_MAX, LANGUAGES, PROFILES, PURPOSES } from "./plain.ts";

const instant = wholeFrom({ least: 0, most: INSTANT_MAX });

type FirstLook = "instance" | "invitation" | "sendCode";

export const firstLookRoutes: { readonly [Name in FirstLook]: CallableRoute<Name> } = {
  instance: {
    method: "GET",
    path: "/instance",
    answer: reader(
      fields({
        evaluation: flag,
        setUp: flag,
        organisation: orNull(fields({ id: text, name: text })),
        keyService: fields({
          signingPublicKey: text,
          intake: fields({ publicKey: text, notBefore: finite, notAfter: finite, signature: text }),
        }),
        ledger: fields({ origin: text, verifierKey: text, checkpointUrl: text }),
        mailboxUrl: orNull(text),
      }),
    ),
  },
  invitation: {
    method: "GET",
    path: "/grants/{grant}",
    answer: reader(
      fields({
        organisation: text,
        sender: text,
        purpose: oneOf(PURPOSES),
        profile: oneOf(PROFILES),
        notBefore: instant,
        notAfter: instant,
        addressHint: text,
        language: orNull(oneOf(LANGUAGES)),
        evaluation: flag,
      }),
    ),
  },
  sendCode: {
    method: "POST",
    path: "/grants/{grant}/codes",
    answer: reader(fields({ addressHint: text, expiresInSeconds: whole, nextInSeconds: whole })),
  },
};
