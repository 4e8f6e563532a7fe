/** `clock` and `clock confirm`: how the key service's clock stands, and this custodian's word that it is right. */
import type { keyClockAnswer } from "@safeconduct/contract";
import { base64UrlText } from "@safeconduct/foundation";
import { signClockConfirmation } from "@safeconduct/keyring";
import type { z } from "zod";
import { accountFolder, readAccount } from "../account.ts";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { timeWords } from "../terminal.ts";

type KeyClock = z.output<typeof keyClockAnswer>;

const NO_WORDS = { options: {}, positionals: { min: 0, max: 0 } } as const;
const MINUTE_MS = 60_000;
const STATE_WORDS: Readonly<Record<KeyClock["state"], string>> = {
  steady: "The key service's clocks agree. There is nothing to do.",
  ahead: "The key service's clock has jumped ahead. Nothing is destroyed by time until it is right.",
  behind: "The key service's clock was put back. Nothing is destroyed by time until it is right.",
  settling: "The key service stood still for long. Nothing is destroyed by time until it has run evenly for 4 hours.",
};

export async function clock(
  { terminal, environment, signal, connect, now }: Context,
  args: readonly string[],
): Promise<void> {
  readWords(args, NO_WORDS);
  const account = await readAccount(accountFolder(environment));
  const state = await connect(account.server, account.token).api.call("keyClock", { signal });
  terminal.result(state, words(state, now()));
}

/** Signs what this computer's own clock says: a wrong clock of the server must not be confirmed by itself. */
export async function clockConfirm(
  { terminal, environment, signal, connect, now }: Context,
  args: readonly string[],
): Promise<void> {
  readWords(args, NO_WORDS);
  const { server, token, device } = await readAccount(accountFolder(environment));
  const { api, crypto } = connect(server, token);
  const { resets } = await api.call("keyClock", { signal });
  const said = { custodian: device.signing.publicKey, resets, time: now() };
  const signature = await signClockConfirmation(crypto.signatures, {
    privateKey: device.signing.privateKey,
    audience: device.keyServiceSigningKey,
    confirmation: { organisation: device.organisation, ...said },
  });
  const body = { ...said, custodian: base64UrlText(said.custodian), signature: base64UrlText(signature) };
  const after = await api.call("confirmKeyClock", { body, signal });
  terminal.result(
    after,
    after.missing === 0
      ? ["Confirmed by two custodians. The key service believes its clock again; the ledger has it."]
      : [
          `You have confirmed that it is ${timeWords(said.time)}. One more custodian, another person, has to confirm`,
          "within an hour: safeconduct clock confirm. Confirming again yourself changes nothing.",
        ],
  );
}

function words({ state, wall, highWaterAt, lastedMs, custodians, confirmed }: KeyClock, here: number): string[] {
  const lines = [
    STATE_WORDS[state],
    `  its clock       ${timeWords(wall)}`,
    `  this computer   ${timeWords(here)}`,
    `  latest believed ${timeWords(highWaterAt)}`,
  ];
  if (state === "steady") return lines;
  const confirming =
    custodians === 0
      ? "No custodians are set up: only setting the clock right ends this."
      : `Confirmed by ${confirmed} of the 2 custodians that it takes. If its clock is right: safeconduct clock confirm`;
  return [...lines, `  seen for        ${Math.floor(lastedMs / MINUTE_MS)} minutes`, confirming];
}
