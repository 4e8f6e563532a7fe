/** Who takes part in a walk, and what they know and remember. */
import { canonicalPasscode, decodeTerms, hashPasscode, parseFragment, passcodeVerifier } from "@safeconduct/envelope";
import type { Bytes, CryptoPorts, GrantId } from "@safeconduct/foundation";
import { type Desk, type ExchangeScene, known, prepareTransfer, type PreparedTransfer } from "@safeconduct/testkit";

const HOUR_MS = 3_600_000;
const PASSCODE = "7K3QX-9MPA2";

/** A transfer and whose it is. */
export interface Sending extends PreparedTransfer {
  readonly desk: Desk;
  readonly isRegulated: boolean;
}

export interface Recipient {
  readonly grant: GrantId;
  readonly sending: Sending;
  readonly address: string;
  readonly notAfter: number;
  /** What the right passcode shows; null where none is demanded. */
  readonly verifier: Bytes | null;
  readonly slot: Bytes;
  bearer: string;
  /** Ephemeral keys that were tried. */
  readonly keys: Bytes[];
  /** Which of the mails to this address brought a code that was taken. */
  readonly usedMails: Set<number>;
  /** Sessions in which the right passcode was shown. */
  readonly shown: Set<string>;
}

/** One to three recipients, an hour to three days, now and then with a cap, a later beginning or passcodes. */
export async function drawSending(
  scene: ExchangeScene,
  desk: Desk,
  { chance, number }: { chance: (limit: number) => number; number: number },
): Promise<Sending> {
  const now = scene.clock.now();
  const isRegulated = chance(3) === 0;
  const secondFactor = { kind: "passcode", passcode: PASSCODE } as const;
  const names = ["a", "b", "c"].slice(0, 1 + chance(3));
  const prepared = await prepareTransfer(scene, desk, {
    recipients: names.map((name) => ({
      address: `${name}${number}@hospital.example`,
      name: null,
      ...(isRegulated ? { secondFactor } : {}),
    })),
    handling: isRegulated ? "regulated" : "public",
    releaseCap: chance(4),
    lifeMs: (1 + chance(72)) * HOUR_MS,
    notBefore: chance(5) === 0 ? now + chance(2 * HOUR_MS) : 0,
  });
  return { ...prepared, desk, isRegulated };
}

export async function recipientsOf(crypto: CryptoPorts, sending: Sending): Promise<readonly Recipient[]> {
  return Promise.all(
    sending.sent.links.map(async ({ address, grant, link }, at) => {
      const { slot, terms } = known(sending.seal.grants[at]);
      const { organisation, transfer, notAfter, secondFactor } = decodeTerms(terms);
      let verifier: Bytes | null = null;
      if (secondFactor?.kind === "passcode") {
        const { linkSecret } = known(parseFragment(known(link.split("#")[1])) ?? undefined);
        const passcode = known(canonicalPasscode(PASSCODE) ?? undefined);
        const passcodeHash = await hashPasscode(crypto, { passcode, factor: secondFactor });
        verifier = await passcodeVerifier(crypto, { organisation, transfer, grant, linkSecret, passcodeHash });
      }
      const memory = { bearer: "", keys: [], usedMails: new Set<number>(), shown: new Set<string>() };
      return { grant, sending, address, notAfter, verifier, slot, ...memory };
    }),
  );
}
