/** Finds the six-digit code in a mail, so that it can be shown large and copied with one press. */

/** The only run of exactly six digits (a space or dash in the middle is allowed); null when there is none or more than one. */
export function mailedCode(text: string): string | null {
  const found = new Set(
    [...text.matchAll(/(?<![\d\w-])(\d{3})[ -]?(\d{3})(?![\d\w-])/gu)].map(([, first, second]) => `${first}${second}`),
  );
  const [code] = found;
  return found.size === 1 && code !== undefined ? code : null;
}
