/** A new grant for a sender or a recipient: its secrets are drawn, the package key goes into its slot. */
import {
  drawSecret,
  encodeTerms,
  grantShareContext,
  type GrantTerms,
  grantTranscript,
  kek,
  NO_RECIPIENT_KEY,
  sealShare,
  sealSlot,
  termsHash,
} from "@safeconduct/envelope";
import { base64UrlText, type Bytes, drawId } from "@safeconduct/foundation";
import { type HashedFactor, mixFactor } from "./passcode.ts";
import type { ClientPorts } from "./ports.ts";
import type { SendingTerms } from "./sending.ts";

export interface Granting {
  readonly ports: ClientPorts;
  readonly ids: Pick<GrantTerms, "organisation" | "transfer">;
  readonly packageKey: Bytes;
  readonly transferShare: Bytes;
}

type Asked = Pick<SendingTerms, "closesOnReceipt" | "conditions">;

/** What recipients are asked, as a grant's terms have it: absent where there is nothing. */
export const askedIn = ({ closesOnReceipt = false, conditions }: Asked): Pick<GrantTerms, keyof Asked> => ({
  ...(closesOnReceipt ? { closesOnReceipt } : {}),
  ...(conditions ? { conditions } : {}),
});

/** Throws RangeError before anything is uploaded for terms that no grant can have. */
export function requireFitting({ profile, conditions }: Asked & Pick<GrantTerms, "profile">): void {
  if (profile === "viewable" && conditions?.mayStore) throw new RangeError("what is only viewed may not be kept");
}

/** Draws S and G of one grant, seals G to the key service and P into the slot. */
export async function makeGrant(
  { ports: { crypto }, ids, packageKey, transferShare }: Granting,
  {
    bounds,
    intakeKey,
    hashed = null,
  }: {
    bounds: Omit<GrantTerms, "organisation" | "transfer" | "grant" | "secondFactor">;
    intakeKey: Bytes;
    hashed?: HashedFactor | null;
  },
) {
  const grant = drawId("grant", crypto.random);
  const linkSecret = drawSecret(crypto.random);
  const grantShare = drawSecret(crypto.random);
  const mixed = await mixFactor(crypto, { ids: { ...ids, grant }, linkSecret, hashed });
  const secondFactor = hashed === null ? {} : { secondFactor: hashed.secondFactor };
  const terms = encodeTerms({ ...ids, grant, ...bounds, ...secondFactor });
  const scope = { ...ids, grant, termsHash: termsHash(crypto.sha256, terms) };
  const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
  const slot = await sealSlot(crypto, {
    kek: await kek(crypto, { linkSecret: mixed.kekSecret, transferShare, grantShare, transcript }),
    transcript,
    packageKey,
  });
  const sealedGrantShare = await sealShare(crypto, {
    publicKey: intakeKey,
    context: grantShareContext(scope),
    share: grantShare,
  });
  return {
    grant,
    linkSecret,
    passcodeVerifierHash: mixed.passcodeVerifierHash,
    body: {
      grant,
      terms: base64UrlText(terms),
      sealedGrantShare: base64UrlText(sealedGrantShare),
      slot: base64UrlText(slot),
    },
  };
}
