/**
 * Which passwords are taken: SP 800-63B-4 §3.1.1.2. Length in code points after NFC, any characters, no rules of
 * composition. The blocklist is compared with the whole password, as the section demands: a passphrase may hold common
 * words, but it may not be a chain of nothing else. No password ever leaves this process to be looked up elsewhere.
 */
import type { EnrolmentRequest } from "@safeconduct/exchange";
import { COMMONEST_RUNS, COMMONEST_WORDS } from "./commonest-words.ts";
import { identityProblem } from "./errors.ts";

/** In Unicode code points. The lower bound is the section's for a password that stands alone. */
const PASSWORD_LENGTH = { least: 15, most: 128 } as const;
/** UTF-16 units read at all, so that normalising has a bound: four for each code point that may remain. */
const RAW_LENGTH_LIMIT = 4 * PASSWORD_LENGTH.most;
/** Fewer different characters are a repetition of something short. */
const LEAST_DIFFERENT = 5;
const SHORTEST_RUN = 3;
/** Shorter words of a name or address hardly narrow the guess, and would refuse too much. */
const SHORTEST_OWN_WORD = 3;
const SEPARATOR = /^[\s\p{P}\p{S}]$/u;
const UNASSIGNED = /\p{Cn}/u;
const RUNS = COMMONEST_RUNS.flatMap((run) => [run, [...run].reverse().join("")]);

/**
 * The password in NFC, ready to be hashed.
 * @throws Problem with the code of the rule that it breaks
 */
export function acceptedPassword(request: Pick<EnrolmentRequest, "password" | "name" | "address">): string {
  if (!request.password.isWellFormed() || UNASSIGNED.test(request.password)) {
    throw identityProblem("identity/password-characters");
  }
  const password = normalisedPassword(request.password);
  const length = password === null ? Number.POSITIVE_INFINITY : [...password].length;
  if (password === null || length > PASSWORD_LENGTH.most) throw identityProblem("identity/password-too-long");
  if (length < PASSWORD_LENGTH.least) throw identityProblem("identity/password-too-short");
  if (isGuessable(password, ownWords(request))) throw identityProblem("identity/password-guessable");
  return password;
}

/** What is hashed for an attacker-controlled password: NFC, or null when it is longer than any that we took. */
export function normalisedPassword(password: string): string | null {
  return password.length > RAW_LENGTH_LIMIT ? null : password.normalize("NFC");
}

/** True when `password` is wholly made of common words, own words, runs, repetitions and separators. */
function isGuessable(password: string, own: readonly string[]): boolean {
  const characters = [...password.toLowerCase()];
  if (new Set(characters).size < LEAST_DIFFERENT) return true;
  const words = [...COMMONEST_WORDS, ...own].map((word) => [...word]);
  // reachable.has(i): the first i characters are a chain. Quadratic at worst, unlike a regular expression over the words.
  const reachable = new Set<number>();
  const reach = (end: number) => {
    reachable.add(end);
    // One separator belongs to the word before it. More of them in a row are characters that somebody chose.
    if (SEPARATOR.test(characters[end] ?? "")) reachable.add(end + 1);
  };
  reach(0);
  for (let at = 0; at < characters.length; at++) {
    if (!reachable.has(at)) continue;
    for (const word of words) {
      if (word.every((character, i) => characters[at + i] === character)) reach(at + word.length);
    }
    for (let end = at + SHORTEST_RUN; end <= characters.length && isRun(characters.slice(at, end)); end++) reach(end);
  }
  return reachable.has(characters.length);
}

function isRun(characters: readonly string[]): boolean {
  const text = characters.join("");
  return new Set(characters).size === 1 || RUNS.some((run) => run.includes(text));
}

/** Words of the name, of the address and of its domain, in the password's own spelling. */
function ownWords(person: { name: string; address: string }): string[] {
  const words = `${person.name} ${person.address}`
    .normalize("NFC")
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u);
  return words.filter((word) => [...word].length >= SHORTEST_OWN_WORD);
}
