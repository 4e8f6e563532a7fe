/**
 * What mails say, in every language: a catalogue of its own, because mails are written where no page is. A word that is missing does
 * not compile (ADR 15).
 */
import type { Language } from "@safeconduct/contract";
import { en } from "./texts.en.ts";
import { es } from "./texts.es.ts";

export const MAIL_TEXTS: Readonly<Record<Language, typeof en>> = { en, es };
