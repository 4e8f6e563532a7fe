/** Floor 1: how a package is encrypted, granted, sealed and opened. Pure; browser and Node write the same bytes. */
export * from "./errors.ts";
export { FloeDecryptor, FloeEncryptor } from "./floe-stream.ts";
export { FLOE_HEADER_BYTES, SEGMENT_OVERHEAD_BYTES, SEGMENT_PLAINTEXT_BYTES } from "./floe.ts";
export {
  drawSecret,
  grantTranscript,
  kek,
  NO_RECIPIENT_KEY,
  type TranscriptScope,
} from "./key-schedule.ts";
export * from "./holder-keys.ts";
export * from "./intake-key.ts";
export * from "./link.ts";
export { FILE_LIMIT, type Manifest, type ManifestFile, type PackageFile, validMediaType } from "./manifest.ts";
export * from "./member-chain.ts";
export * from "./member-key.ts";
export * from "./member-request.ts";
export * from "./member-statement.ts";
export {
  collidingPath,
  PATH_LIMIT_BYTES,
  PATH_SEGMENT_LIMIT_BYTES,
  safePath,
  TakenPaths,
  validPath,
} from "./package-path.ts";
export {
  PACKAGE_LIMIT_BYTES,
  type PackageObject,
  type PackagePart,
  type PackagePlan,
  PART_LIMIT,
  planAgain,
  planPackage,
  SMALLEST_PART_BYTES,
} from "./package-plan.ts";
export { OpenedPackage, openPackage, type ReadBlobRange } from "./package-reader.ts";
export {
  type BegunPart,
  type EncryptedPart,
  PackageWriter,
  type PartRecord,
  type ReadFileRange,
  resumePackage,
  startPackage,
} from "./package-writer.ts";
export * from "./pairing.ts";
export { PartHash } from "./part-digest.ts";
export * from "./printed-secret.ts";
export * from "./passcode.ts";
export { type Conditions, DELETE_BY_DAYS_MAX } from "./conditions.ts";
export type { SecondFactor, SecondFactorKind } from "./second-factor.ts";
export * from "./recovery-cards.ts";
export * from "./recovery-key.ts";
export * from "./seal.ts";
export * from "./share.ts";
export * from "./slot.ts";
export { HASH_BYTES, SECRET_BYTES, SUITE } from "./suite.ts";
export * from "./terms.ts";
