/**
 * A custodian's word that the key service's clock is right, passed on. Whose word counts, and what follows, the key service
 * decides by itself: nothing here can make it.
 */
import { base64UrlText, type Bytes, type Sha256 } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { KeyService } from "./ports.ts";

interface Deps {
  readonly perform: Perform;
  readonly keys: KeyService;
  readonly sha256: Sha256;
}

/**
 * How many more custodians have to confirm; with none missing the reset is in the ledger, with the key service's statement.
 * Problems: `keys/not-a-custodian`, `keys/clocks-differ`, `keys/bad-confirmation`, `keys/clock-agrees`, `keys/unavailable`.
 */
export async function confirmKeyClock(
  { perform, keys, sha256 }: Deps,
  caller: MemberCaller,
  { signature, ...said }: { custodian: Bytes; resets: number; time: number; signature: Bytes },
): Promise<number> {
  const { organisation } = caller;
  const { missing, statement } = await keys.confirmClock({ confirmation: { organisation, ...said }, signature });
  if (missing > 0) return missing;
  await perform(async () => ({
    entries: [
      {
        type: "keys/clock-reset",
        actor: { kind: "member", id: caller.member },
        organisation,
        payloadHash: sha256(statement),
        detail: { statement: base64UrlText(statement) },
      },
    ],
    value: undefined,
  }));
  return missing;
}
