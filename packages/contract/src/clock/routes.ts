/** Routes about the key service's clock. */
import { route } from "../route.ts";
import * as m from "./messages.ts";

export const clockRoutes = {
  keyClock: route({
    method: "GET",
    path: "/keys/clock",
    auth: "member",
    summary: "Whether the key service believes its clock, and what it waits for",
    answer: m.keyClockAnswer,
  }),
  confirmKeyClock: route({
    method: "POST",
    path: "/keys/clock/confirmations",
    auth: "member",
    summary: "Pass on a custodian's signed word that the key service's clock is right; two of them end an alarm",
    request: m.clockConfirmationRequest,
    answer: m.clockConfirmationAnswer,
  }),
} as const;
