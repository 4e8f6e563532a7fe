/** `--factor`, `--public` and `--passcode-file`: what a recipient must bring beside the link and the mailed code. */
import type { DemandedFactor } from "@safeconduct/client";
import type { Client } from "@safeconduct/contract";
import { enrolledFactorKind, secondFactorKind } from "@safeconduct/contract";
import { drawPasscode, type SecondFactorKind } from "@safeconduct/envelope";
import type { Random } from "@safeconduct/foundation";
import { cliProblem } from "./errors.ts";
import { readPasscode } from "./passcode-file.ts";

export const FACTOR_OPTIONS = { public: "flag", factor: "text", "passcode-file": "text" } as const;

interface FactorWords {
  readonly public: boolean;
  readonly factor?: string | undefined;
  readonly "passcode-file"?: string | undefined;
}

export interface WantedFactor {
  readonly kind: SecondFactorKind | null;
  /** The sender's own passcode, for every recipient; null draws one for each. */
  readonly ownPasscode: string | null;
}

/** Problem `cli/usage` for words that contradict one another. */
export async function readFactor(words: FactorWords): Promise<WantedFactor> {
  const named = words.factor === undefined ? null : secondFactorKind.safeParse(words.factor);
  if (named !== null && !named.success)
    throw cliProblem("cli/usage", "--factor can be: passcode, authenticator or passkey.");
  const ownPasscode = words["passcode-file"] === undefined ? null : await readPasscode(words["passcode-file"]);
  const kind = named?.data ?? (words.public && ownPasscode === null ? null : "passcode");
  if (ownPasscode !== null && kind !== "passcode")
    throw cliProblem("cli/usage", "--passcode-file goes with --factor passcode alone.");
  return { kind, ownPasscode };
}

export function demandOf({ kind, ownPasscode }: WantedFactor, random: Random): DemandedFactor | null {
  if (kind !== "passcode") return kind && { kind };
  return { kind, passcode: ownPasscode ?? drawPasscode(random) };
}

/** Problem `cli/usage`: nobody should upload for an hour to hear it at the seal. */
export async function requireEnrolled(
  api: Client,
  { kind }: WantedFactor,
  addresses: readonly string[],
): Promise<void> {
  if (kind === null || kind === "passcode") return;
  for (const address of addresses) {
    const { enrolled } = await api.call("recipientFactors", { body: { address } });
    if (!enrolled.includes(kind))
      throw cliProblem(
        "cli/usage",
        `${address} has not enrolled ${kind === "passkey" ? "a passkey" : "an authenticator"} with your organisation. Send with a passcode; whoever opens with it can enrol one.`,
      );
  }
}

/** Problem `cli/usage`. */
export function enrolledKind(text: string | undefined): "authenticator" | "passkey" {
  const kind = enrolledFactorKind.safeParse(text ?? "authenticator");
  if (!kind.success) throw cliProblem("cli/usage", "--factor can be: authenticator or passkey.");
  return kind.data;
}
