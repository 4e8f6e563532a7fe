/** What is said of a transfer and of a recipient: names and ends. */
import { dates } from "../elements/words.ts";
import { endsAt, type Grant, grantEnded, type Transfer } from "./custody.ts";
import { texts as words } from "./texts.ts";

export const nameOf = ({ name, organisation, address }: Grant): string =>
  address === "" ? words.erased : [name, organisation, address].filter((part) => part !== null).join(" · ");

export function headingOf(transfer: Transfer): string {
  const [first] = transfer.grants;
  if (first === undefined) return transfer.state === "draft" ? words.headingDraft : words.headingNeverSent;
  return words.heading(nameOf(first), transfer.grants.length - 1);
}

/** Destroyed because every recipient was revoked: the reader looks for that word. */
export const isWithdrawn = (transfer: Transfer): boolean =>
  transfer.state === "destroyed" &&
  transfer.grants.length > 0 &&
  transfer.grants.every(({ state }) => state === "revoked");

/** Until when, or since when not any more. */
export function accessWords({ profile }: Transfer, grant: Grant, now: number): string {
  const end = endsAt(grant);
  if (grantEnded(grant, now)) return words.endedAt(dates.short(Math.min(grant.endedAt ?? end, end)));
  const may = words.may[profile];
  if (now < grant.notBefore) return words.from(may, dates.short(grant.notBefore), dates.relative(grant.notBefore, now));
  if (grant.closesAt !== null) return words.closes(dates.short(end), dates.relative(end, now));
  return words.until(may, dates.short(end), dates.relative(end, now));
}
