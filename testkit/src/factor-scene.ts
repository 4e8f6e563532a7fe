/** What the tests of second factors begin with: transfers that demand one, and a recipient who came in by a passcode. */
import type { Sending } from "@safeconduct/client";
import { canonicalPasscode, decodeTerms, hashPasscode, parseFragment, passcodeVerifier } from "@safeconduct/envelope";
import { CODE_RESEND_MS, provePasscode, type RecipientCaller } from "@safeconduct/exchange";
import type { Desk, ExchangeScene } from "./exchange-scene.ts";
import { known } from "./known.ts";
import { type SealedTransfer, sealedTransfer } from "./prepared-transfer.ts";

const PASSCODE = "7K3QX-9MPA2";
const LIFE_MS = 6 * 24 * 3_600_000;

type Factor = NonNullable<Sending["recipients"][number]["secondFactor"]>;

/** To one recipient, who must show a factor of this kind. */
export const demanding = (kind: Factor["kind"], address: string): Partial<Sending> & Pick<Sending, "recipients"> => ({
  handling: "regulated",
  lifeMs: LIFE_MS,
  recipients: [{ address, name: null, secondFactor: kind === "passcode" ? { kind, passcode: PASSCODE } : { kind } }],
});

/** A verification session for a transfer, however short ago the last code was. */
export function confirmedFor(scene: ExchangeScene, { grant }: SealedTransfer): Promise<RecipientCaller> {
  scene.clock.advance(CODE_RESEND_MS);
  return scene.confirmed(grant);
}

/** A session that has passed the passcode of a fresh transfer by `desk`. */
export async function passcodeSession(scene: ExchangeScene, desk: Desk, address: string): Promise<RecipientCaller> {
  const { crypto } = scene;
  const sealed = await sealedTransfer(scene, desk, demanding("passcode", address));
  const caller = await confirmedFor(scene, sealed);
  const { organisation, transfer, grant, secondFactor } = decodeTerms(known(sealed.seal.grants[0]).terms);
  if (secondFactor?.kind !== "passcode") throw new Error("no passcode is demanded");
  const { linkSecret } = known(parseFragment(known(known(sealed.sent.links[0]).link.split("#")[1])));
  const passcodeHash = await hashPasscode(crypto, {
    passcode: known(canonicalPasscode(PASSCODE)),
    factor: secondFactor,
  });
  const verifier = await passcodeVerifier(crypto, { organisation, transfer, grant, linkSecret, passcodeHash });
  await provePasscode(scene.deps, caller, { verifier });
  return caller;
}
