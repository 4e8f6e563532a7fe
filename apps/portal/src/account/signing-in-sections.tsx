/** On the account page: how one signs in, by password and code or by passkey. */
import type { ReactElement } from "react";
import { useFresh } from "../portal/fresh.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { PasskeysSection } from "./passkeys-section.tsx";
import { PasswordSection } from "./password-section.tsx";

export function SigningInSections({ address }: { address: string }): ReactElement {
  const keeper = useSession();
  const list = useFresh(async (signal) => (await server.call("listMemberPasskeys", { signal })).passkeys, {
    onProblem: (problem) => leaveIfSignedOut(keeper, problem),
  });
  return (
    <>
      <PasskeysSection list={list} />
      <PasswordSection address={address} hasPasskey={(list.value ?? []).length > 0} />
    </>
  );
}
