/** Routes of the first run; each takes the set-up token in its body. */
import { authenticatorAnswer } from "../pieces.ts";
import { route } from "../route.ts";
import * as m from "./messages.ts";

export const setupRoutes = {
  enrolFirstMember: route({
    method: "POST",
    path: "/setup/enrolment",
    auth: "none",
    summary: "Name the organisation and its first member; answers with the authenticator to add",
    request: m.setupEnrolmentRequest,
    answer: authenticatorAnswer,
  }),
  completeSetup: route({
    method: "POST",
    path: "/setup/completion",
    auth: "none",
    summary: "Confirm the authenticator; ends set-up and signs in",
    request: m.setupCompletionRequest,
    answer: m.setupCompletionAnswer,
    status: 201,
  }),
} as const;
