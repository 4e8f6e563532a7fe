/** The browser under the portal: its clock, its timers and its network, named here and nowhere else. */

/** Milliseconds since the Unix epoch. */
export const now = (): number => Date.now();

/** Runs `act` once after `milliseconds`. Answers what calls it off. */
export function after(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
}

/** Runs `act` every `milliseconds`. Answers what ends it. */
export function every(milliseconds: number, act: () => void): () => void {
  const timer = setInterval(act, milliseconds);
  return () => clearInterval(timer);
}

export const network: typeof globalThis.fetch = (input, init) => fetch(input, init);
