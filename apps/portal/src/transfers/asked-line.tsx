/** What a sender asked of one recipient, and what they said to it: terms, acceptance, deletion. Nothing where nothing was asked. */
import type { ReactElement } from "react";
import { dates } from "../elements/words.ts";
import type { Grant } from "./custody.ts";
import { texts } from "./texts.ts";

const words = texts.asked;

export function AskedLine({ grant }: { grant: Grant }): ReactElement | null {
  const { conditions, closesOnReceipt, deletionAttestedAt, termsAcceptedAt, receiptAt } = grant;
  const parts: string[] = [];
  if (conditions !== null) {
    const { mayStore, deleteByDays } = conditions;
    const copies = deleteByDays === null ? words.copies : words.copiesDays(deleteByDays);
    parts.push(mayStore ? copies : words.noCopies);
    parts.push(termsAcceptedAt === null ? words.notAccepted : words.accepted(dates.short(termsAcceptedAt)));
  }
  if (deletionAttestedAt !== null) parts.push(words.deleted(dates.short(deletionAttestedAt)));
  if (closesOnReceipt && receiptAt === null) parts.push(words.closes);
  return parts.length === 0 ? null : <p className="soft small">{parts.join(" · ")}</p>;
}
