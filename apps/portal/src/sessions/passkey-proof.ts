/** A member's passkey is used: to sign in, or to show who is there. The server asks, the device signs, the server looks at it. */
import { givePasskey } from "../elements/passkey-device.ts";
import type { FieldProblem } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { texts } from "./texts.ts";

const words = texts.passkey;

type SignedIn = Awaited<ReturnType<typeof server.call<"signInWithPasskey">>>;

/** Who has signed in, or what the person at the device is told. Rejects with what the server refused. */
export async function signInByPasskey(): Promise<SignedIn | readonly FieldProblem[]> {
  const outcome = await givePasskey(await server.call("askSignInPasskey"));
  if (typeof outcome === "string") return failed(outcome);
  const { assertion, userHandle } = outcome;
  // A device that does not say whose it is holds none that signs in by itself.
  if (userHandle === null) return failed("unsupported");
  return server.call("signInWithPasskey", { body: { ...assertion, userHandle } });
}

/** What a passkey of the member signs for this session, for a call that takes it along. Rejects with what the server refused. */
export async function signProof() {
  const outcome = await givePasskey(await server.call("askProofPasskey"));
  return typeof outcome === "string" ? failed(outcome) : outcome.assertion;
}

/** Nothing when it was accepted. Rejects with what the server refused. */
export async function proveByPasskey(): Promise<readonly FieldProblem[]> {
  const signed = await signProof();
  if (!("signature" in signed)) return signed;
  await server.call("provePasskeyOfMember", { body: signed });
  return [];
}

const failed = (outcome: "cancelled" | "known" | "unsupported"): readonly FieldProblem[] => [
  { field: null, message: outcome === "unsupported" ? words.unsupported : words.cancelled },
];
