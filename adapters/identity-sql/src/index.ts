/** Sign-in by password and authenticator, in the product's own database. */
export { factorSecrets } from "./factor-secrets.ts";
export { IDENTITY_KEY_BYTES } from "./identity-keys.ts";
export { type SqlIdentityOptions, sqlIdentity } from "./sql-identity.ts";
export { migrateIdentity } from "./tables.ts";
