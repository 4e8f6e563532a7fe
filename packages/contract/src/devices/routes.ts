/** Routes about a member's devices. */
import { route } from "../route.ts";
import * as m from "./messages.ts";

export const deviceRoutes = {
  memberChain: route({
    method: "GET",
    path: "/me/chain",
    auth: "member",
    summary: "The member's devices: signed statements, wrapped member keys, and devices that ask to be let in",
    answer: m.memberChainAnswer,
  }),
  extendMemberChain: route({
    method: "POST",
    path: "/me/chain",
    auth: "member",
    summary:
      "Enrol the first device, let one in, remove one, make a recovery key: signed statements at the end of the chain",
    request: m.chainExtensionRequest,
  }),
  requestDevice: route({
    method: "POST",
    path: "/me/device-requests",
    auth: "member",
    summary: "Ask the member's other devices to let this one in",
    request: m.deviceRequest,
  }),
} as const;
