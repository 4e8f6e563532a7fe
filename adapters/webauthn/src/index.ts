/** Checks of passkeys (WebAuthn Level 3). */
export { type RelyingParty, webauthnPasskeys } from "./passkeys.ts";
