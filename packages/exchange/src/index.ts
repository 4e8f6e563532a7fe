/** Use cases of moving files to people outside, one file each, and the ports that they need. */
export { AUDIT_EXPORT_LIMIT_ENTRIES, exportEvents, type ExportFormat } from "./audit/export-events.ts";
export * from "./audit/ledger-health.ts";
export * from "./audit/open-links.ts";
export type { AuditQuestion } from "./audit/question.ts";
export { AUDIT_PAGE_EVENTS, type AuditFindings, type FoundEvent, searchEvents } from "./audit/search-events.ts";
export * from "./bearer.ts";
export type * from "./callers.ts";
export * from "./check/check-instance.ts";
export * from "./check/findings.ts";
export type * from "./check/ports.ts";
export * from "./check/repair.ts";
export { CODE_RESEND_MS } from "./grants/code.ts";
export { codeMailDeliverer } from "./grants/code-mail.ts";
export * from "./devices/extend-member-chain.ts";
export * from "./devices/request-device.ts";
export * from "./devices/show-member-chain.ts";
export { beginAuthenticator, confirmAuthenticator } from "./factors/enrol-authenticator.ts";
export { beginPasskey, confirmPasskey, type NewPasskey } from "./factors/enrol-passkey.ts";
export type { PasskeyCredential } from "./factors/passkey-credential.ts";
export type * from "./factors/ports.ts";
export * from "./factors/remove-factor.ts";
export * from "./factors/show-factors.ts";
export * from "./grants/accept-conditions.ts";
export * from "./grants/attest-deletion.ts";
export { askedOfRecipient } from "./grants/conditions.ts";
export * from "./grants/confirm-address.ts";
export * from "./grants/confirm-deletion.ts";
export * from "./grants/errors.ts";
export * from "./grants/prove-authenticator.ts";
export * from "./grants/prove-passcode.ts";
export * from "./grants/prove-passkey.ts";
export * from "./grants/read-blob.ts";
export { problemMailDeliverer } from "./grants/problem-mail.ts";
export * from "./grants/record-receipt.ts";
export * from "./grants/report-problem.ts";
export { type Released, RELEASE_KEY_LIMIT, release } from "./grants/release.ts";
export * from "./grants/release-to-member.ts";
export { demandedFactor, isFactorLocked } from "./grants/second-factor.ts";
export * from "./grants/send-code.ts";
export { sendDeletionCode } from "./grants/send-deletion-code.ts";
export * from "./grants/show-invitation.ts";
export * from "./holds/errors.ts";
export * from "./holds/lift-hold.ts";
export * from "./holds/place-hold.ts";
export {
  type BrowserName,
  BROWSERS,
  type OpenedFrom,
  openedFrom,
  type SystemName,
  SYSTEMS,
} from "./identity/browser-name.ts";
export * from "./identity/errors.ts";
export { endOtherSessions, endSession, listSessions, type OwnSession } from "./identity/own-sessions.ts";
export type * from "./identity/ports.ts";
export * from "./identity/change-password.ts";
export { accountMailDeliverer } from "./identity/account-mail.ts";
export { chooseLanguage } from "./identity/choose-language.ts";
export * from "./identity/member-passkeys.ts";
export * from "./identity/passkey-sign-in.ts";
export { askProofPasskey, provePassword, provePasskeyOfMember } from "./identity/prove-session.ts";
export {
  lockSession,
  requireBegunBefore,
  type ShownSession,
  showSession,
} from "./identity/session-lock.ts";
export { memberOfSession, memberOfToken, type SessionCaller, useSession } from "./identity/sessions.ts";
export * from "./identity/sign-in.ts";
export * from "./keys/confirm-key-clock.ts";
export * from "./keys/anchor-key-log.ts";
export type * from "./keys/ports.ts";
export * from "./ledger/performer.ts";
export * from "./ledger/sequencer.ts";
export { letter } from "./mail/letter.ts";
export { MAIL_TEXTS } from "./mail/texts.ts";
export type * from "./mail/ports.ts";
export * from "./members/change-member.ts";
export { membersProblem } from "./members/errors.ts";
export { invitationMailDeliverer } from "./members/invitation-mail.ts";
export * from "./members/invite-member.ts";
export * from "./members/join.ts";
export * from "./members/list-members.ts";
export { TestMails } from "./mail/test-mail.ts";
export { Outbox } from "./outbox/outbox.ts";
export type { OutboxDoor } from "./outbox/ports.ts";
export * from "./permission/permission.ts";
export type * from "./problem-codes.ts";
export type * from "./records.ts";
export * from "./retention/cause.ts";
export * from "./recovery/recovery-key.ts";
export * from "./recovery/release-recovery.ts";
export {
  approveRecovery,
  listRecoveries,
  RECOVERIES_LIMIT,
  RECOVERY_LIFE_MS,
  requestRecovery,
  type ShownRecovery,
} from "./recovery/request-recovery.ts";
export { recoveryProblem } from "./recovery/errors.ts";
export { destroyDueOf } from "./retention/destruction.ts";
export * from "./retention/erase.ts";
export { HOLD_REASONS } from "./records.ts";
export * from "./retention/sweep.ts";
export * from "./setup/complete-setup.ts";
export * from "./setup/enrol-first-member.ts";
export * from "./setup/open-setup.ts";
export type * from "./storage/ports.ts";
export type * from "./store.ts";
export { WALKED_GRANTS_LIMIT } from "./store.ts";
export * from "./tokens/errors.ts";
export * from "./tokens/tokens.ts";
export * from "./transfers/add-recipient.ts";
export * from "./transfers/draft-transfer.ts";
export * from "./transfers/errors.ts";
export * from "./transfers/issue-certificate.ts";
export { DRAFT_LIFE_MS, OPEN_DRAFTS_PER_MEMBER, RECEIPT_GRACE_MS, RELEASE_CAP_MAX } from "./transfers/limits.ts";
export * from "./transfers/revoke.ts";
export * from "./transfers/seal-transfer.ts";
export * from "./transfers/search-transfers.ts";
export { listTransfers, showTransfer, type TransferSummary } from "./transfers/show-transfers.ts";
export * from "./transfers/settle-problem.ts";
export * from "./transfers/suspend-grant.ts";
export * from "./transfers/upload-parts.ts";
