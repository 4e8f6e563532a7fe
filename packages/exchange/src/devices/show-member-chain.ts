/** What a member's own devices need to know of each other. The server can hide its end, and change nothing of it unseen. */
import type { MemberId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { DeviceRecord, DeviceRequestRecord, MemberKeyWrapRecord, StatementRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { REQUEST_LIFE_MS } from "./request-device.ts";

export interface ShownChain {
  readonly statements: readonly StatementRecord[];
  readonly wraps: readonly MemberKeyWrapRecord[];
  readonly devices: readonly DeviceRecord[];
  /** Those that still wait, and those that were let in a moment ago. */
  readonly requests: readonly DeviceRequestRecord[];
}

export function showMemberChain(
  { store, now }: { store: Store; now: number },
  caller: MemberCaller,
): Promise<ShownChain> {
  return store.read((view) => chainOf(view, caller.member, now));
}

async function chainOf(view: View, member: MemberId, now: number): Promise<ShownChain> {
  const requests = await view.deviceRequestsOf(member);
  return {
    statements: await view.statementsOf(member),
    wraps: await view.memberKeyWrapsOf(member),
    devices: await view.devicesOf(member),
    requests: requests.filter(({ createdAt }) => now < createdAt + REQUEST_LIFE_MS),
  };
}
