/** Every code that a use case or one of its ports may end with: the edges map this union exhaustively. */
import type { LedgerProblemCode } from "@safeconduct/ledger";
import type { AuditProblemCode } from "./audit/errors.ts";
import type { DeviceProblemCode } from "./devices/errors.ts";
import type { FactorProblemCode } from "./factors/errors.ts";
import type { GrantProblemCode } from "./grants/errors.ts";
import type { HoldProblemCode } from "./holds/errors.ts";
import type { PasskeyProblemCode, SignInProblemCode } from "./identity/errors.ts";
import type { IdentityProblemCode } from "./identity/ports.ts";
import type { LedgerServiceProblemCode } from "./ledger/errors.ts";
import type { MembersProblemCode } from "./members/errors.ts";
import type { PermissionProblemCode } from "./permission/errors.ts";
import type { TestMailProblemCode } from "./mail/errors.ts";
import type { RecoveryProblemCode } from "./recovery/errors.ts";
import type { SetupProblemCode } from "./setup/errors.ts";
import type { TokenProblemCode } from "./tokens/errors.ts";
import type { TransferProblemCode } from "./transfers/errors.ts";

export type ExchangeProblemCode =
  | AuditProblemCode
  | DeviceProblemCode
  | FactorProblemCode
  | GrantProblemCode
  | HoldProblemCode
  | IdentityProblemCode
  | LedgerProblemCode
  | LedgerServiceProblemCode
  | MembersProblemCode
  | PasskeyProblemCode
  | PermissionProblemCode
  | RecoveryProblemCode
  | SetupProblemCode
  | SignInProblemCode
  | TestMailProblemCode
  | TokenProblemCode
  | TransferProblemCode;
