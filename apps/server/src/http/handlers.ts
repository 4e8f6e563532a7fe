/** Each route of the contract, tied to its use case in handlers/FEATURE.ts. No decisions here or there. */
import type { Instance } from "../instance.ts";
import { accountHandlers } from "./handlers/account.ts";
import { auditHandlers } from "./handlers/audit.ts";
import { clockHandlers } from "./handlers/clock.ts";
import { deviceHandlers } from "./handlers/devices.ts";
import { factorHandlers } from "./handlers/factors.ts";
import { instanceHandlers } from "./handlers/instance.ts";
import { memberHandlers } from "./handlers/members.ts";
import { receivingHandlers } from "./handlers/receiving.ts";
import { recoveryHandlers } from "./handlers/recovery.ts";
import { sessionHandlers } from "./handlers/sessions.ts";
import { setupHandlers } from "./handlers/setup.ts";
import { transferHandlers } from "./handlers/transfers.ts";
import type { Handlers } from "./routing.ts";

export const handlers = (instance: Instance): Handlers => ({
  ...instanceHandlers(instance),
  ...setupHandlers(instance),
  ...sessionHandlers(instance),
  ...accountHandlers(instance),
  ...memberHandlers(instance),
  ...deviceHandlers(instance),
  ...transferHandlers(instance),
  ...clockHandlers(instance),
  ...recoveryHandlers(instance),
  ...auditHandlers(instance),
  ...receivingHandlers(instance),
  ...factorHandlers(instance),
});
