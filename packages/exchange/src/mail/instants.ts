/** Instants in mails, in the mail's language. In UTC, and it says so: nobody's own zone is known here. */
import type { Language } from "@safeconduct/contract";

const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", es: "es-ES" };

/** `22 November 2026 at 14:05 UTC`, `22 de noviembre de 2026, 14:05 UTC`. `at` in milliseconds since the epoch. */
export function instantText(language: Language, at: number): string {
  const zone = { timeZone: "UTC" } as const;
  const day = new Intl.DateTimeFormat(LOCALES[language], { day: "numeric", month: "long", year: "numeric", ...zone });
  const time = new Date(at).toISOString().slice(11, 16);
  return `${day.format(at)}${JOINTS[language]}${time} UTC`;
}

const JOINTS: Readonly<Record<Language, string>> = { en: " at ", es: " a las " };
