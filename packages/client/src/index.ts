/**
 * Floor 2: what a client does with the API, in a browser and in Node alike: sending files, opening a link.
 * Keys and plaintext never leave it. No I/O of its own: network, time and cryptography come in.
 */
export { removeDevice, syncDevice } from "./device-chain.ts";
export { acceptConditions, type AskedByTerms, askedByTerms } from "./conditions.ts";
export * from "./errors.ts";
export * from "./first-device.ts";
export * from "./join-device.ts";
export * from "./link.ts";
export {
  type DemandedFactor,
  demandedKind,
  provePasscode,
  provePasscodeAgain,
  type ProvenPasscode,
} from "./passcode.ts";
export * from "./persistence.ts";
export type * from "./ports.ts";
export type * from "./progress.ts";
export * from "./receive-transfer.ts";
export * from "./organisation-recovery.ts";
export * from "./outgoing-names.ts";
export { acceptRecoveryKey, recoveryFingerprint, syncRecoveryKey } from "./recovery-trust.ts";
export { type AddedRecipient, addRecipient, openOwnTransfer } from "./own-transfer.ts";
export * from "./recovery-key.ts";
export * from "./resume-sending.ts";
export * from "./send-transfer.ts";
export type * from "./sending.ts";
export { type DeviceKeeping, type DeviceOwner, makeDeviceKeys, type SendingDevice } from "./sending-device.ts";
