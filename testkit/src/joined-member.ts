/** Colleagues at a running instance: invited, and joined by the link in their mail, through the API. */
import type { Language, MemberRole } from "@safeconduct/contract";
import { authenticatorCode } from "./authenticator.ts";
import { type ReadyLine, TEST_PASSWORD } from "./running-instance.ts";

export interface JoinedMember {
  readonly id: string;
  readonly apiToken: string;
  /** Of the authenticator, base32. */
  readonly secret: string;
}

/** The token of the newest invitation that was mailed to `address`. */
export async function mailedInvitation(instance: ReadyLine, address: string): Promise<string> {
  const response = await fetch(`${instance.portal}api/v1/mailbox?to=${encodeURIComponent(address)}`);
  const { messages } = (await response.json()) as { messages: { text: string; at: number }[] };
  const newest = [...messages].sort((a, b) => b.at - a.at)[0];
  const token = /\/join#token=([\w-]{43})$/mu.exec(newest?.text ?? "")?.[1];
  if (token === undefined) throw new Error("no invitation was mailed");
  return token;
}

/** `administrator` is an API token. The new member has `TEST_PASSWORD` and an API token of their own. */
export async function joinMember(
  instance: ReadyLine,
  {
    administrator,
    language = null,
    ...who
  }: {
    administrator: string;
    address: string;
    name: string;
    roles: readonly MemberRole[];
    /** Of the page on which they join. */
    language?: Language | null;
  },
): Promise<JoinedMember> {
  const { origin } = new URL(instance.portal);
  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${instance.portal}api/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  await post("invitations", who, { authorization: `Bearer ${administrator}` });
  const token = await mailedInvitation(instance, who.address);
  const enrolled = await post("joining/enrolment", { token, name: who.name, password: TEST_PASSWORD });
  const { secret } = (await enrolled.json()) as { secret: string };
  const joined = await post("joining/completion", { token, code: authenticatorCode(secret, Date.now()), language });
  const { member } = (await joined.json()) as { member: { id: string } };
  const cookie = joined.headers.get("set-cookie")?.split(";")[0] ?? "";
  const made = await post("tokens", { name: "test" }, { cookie, origin });
  return { id: member.id, apiToken: ((await made.json()) as { token: string }).token, secret };
}
