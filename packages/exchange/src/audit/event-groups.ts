/** What an event is about, for people who look for it: each type in exactly one group. */
import type { EventGroup } from "@safeconduct/contract";
import type { EventType } from "@safeconduct/ledger";

const GROUPS: Readonly<Record<EventType, EventGroup>> = {
  "instance/created": "instance",
  "organisation/created": "instance",
  "organisation/recovery-key-set": "instance",
  "key/registered": "instance",
  "keys/anchored": "instance",
  "keys/clock-reset": "instance",
  "ledger/continued": "instance",

  "member/signed-in": "members",
  "member/sign-in-refused": "members",
  "member/signed-out": "members",
  "member/added": "members",
  "member/key-set": "members",
  "member/devices-replaced": "members",
  "member/invited": "members",
  "member/invitation-withdrawn": "members",
  "member/invitation-undelivered": "members",
  "member/joined": "members",
  "member/roles-changed": "members",
  "member/removed": "members",
  "member/password-changed": "members",
  "session/locked": "members",
  "session/proven": "members",
  "session/proof-refused": "members",
  "session/ended": "members",
  "device/enrolled": "members",
  "device/requested": "members",
  "device/removed": "members",
  "token/created": "members",
  "token/revoked": "members",

  "transfer/drafted": "sending",
  "transfer/sealed": "sending",
  "transfer/activated": "sending",
  "transfer/abandoned": "sending",
  "grant/added": "sending",

  "grant/code-sent": "opening",
  "grant/code-undelivered": "opening",
  "grant/confirmed": "opening",
  "grant/confirm-refused": "opening",
  "grant/factor-passed": "opening",
  "grant/factor-refused": "opening",
  "grant/locked": "opening",
  "grant/terms-accepted": "opening",
  "grant/closed": "ending",
  "grant/deletion-attested": "ending",
  "grant/problem-reported": "opening",
  "grant/released": "opening",
  "grant/release-refused": "opening",
  "grant/receipt": "opening",
  "grant/released-to-member": "opening",
  "package/downloaded": "opening",
  "factor/enrolled": "opening",
  "factor/removed": "opening",
  "factor/counter-back": "opening",

  "grant/suspended": "ending",
  "grant/resumed": "ending",
  "grant/expired": "ending",
  "grant/revoked": "ending",
  "grant/capped": "ending",
  "grant/destroyed": "ending",
  "transfer/expired": "ending",
  "transfer/revoked": "ending",
  "transfer/destroyed": "ending",
  "transfer/erased": "ending",
  "hold/placed": "ending",
  "hold/lifted": "ending",

  "recovery/requested": "recovery",
  "recovery/approved": "recovery",
  "recovery/released": "recovery",

  "audit/searched": "audit",
  "ledger/exported": "audit",
};

export const groupOf = (type: EventType): EventGroup => GROUPS[type];

export const typesOf = (group: EventGroup): readonly EventType[] =>
  (Object.keys(GROUPS) as EventType[]).filter((type) => GROUPS[type] === group);
