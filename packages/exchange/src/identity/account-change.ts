/** Changes in how a member signs in, of which they get a mail. */
export const ACCOUNT_CHANGES = ["passkey-added", "passkey-removed", "password-changed"] as const;
export type AccountChange = (typeof ACCOUNT_CHANGES)[number];
