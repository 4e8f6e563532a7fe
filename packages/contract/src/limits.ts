/** Limits of requests that more than one package holds to. */
export const LIMITS = {
  recipientsPerTransfer: 50,
  partsPerTransfer: 10_000,
  partBytes: 512 * 1024 * 1024,
  /** 1 TiB of files (envelope) with what segments, manifest and padding add: two of Padmé's steps at this length. */
  blobBytes: 1024 ** 4 + 2 * 16 * 1024 ** 3,
  /** A recipient's link lives at most this long, counted from the seal. */
  grantLifeMs: 7 * 24 * 60 * 60 * 1000,
  /** A draft that nobody sealed is abandoned after this time. */
  draftLifeMs: 24 * 60 * 60 * 1000,
  /** What is searched for among recipients. */
  searchTextLength: 100,
  tokensPerMember: 20,
  /** Open invitations count too. */
  membersPerOrganisation: 500,
  devicesPerMember: 100,
  requestBodyBytes: 4 * 1024 * 1024,
  passwordMinLength: 15,
  passwordMaxLength: 128,
  /** WebAuthn Level 3 §4, credential id. */
  passkeyIdBytes: 1023,
  passkeyClientDataBytes: 4096,
  passkeyDataBytes: 8192,
  passkeySignatureBytes: 1024,
  passkeyNameLength: 60,
} as const;
