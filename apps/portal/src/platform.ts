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

const LANGUAGE_KEY = "safeconduct-language";

/** Null where none was chosen, and where the browser keeps nothing. */
export function keptLanguage(): string | null {
  try {
    return localStorage.getItem(LANGUAGE_KEY);
  } catch {
    return null;
  }
}

export function keepLanguage(language: string): void {
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    // A browser that keeps nothing: the choice does not outlive the page.
  }
}

/**
 * The language for which somebody had this page loaded again. It stands in the tab's own history, which a reload keeps (HTML, session
 * history), and nowhere on the device. Null where nobody did.
 */
export function askedLanguage(): string | null {
  // Workers have words too, and no history.
  const state: unknown = typeof history === "undefined" ? null : history.state;
  const asked = typeof state === "object" && state !== null && "language" in state ? state.language : null;
  return typeof asked === "string" ? asked : null;
}

/** Loads the page again at `address`, which must be of this document, but for its fragment. */
export function loadAgainIn(language: string, address: string): void {
  history.replaceState({ language }, "", address);
  location.reload();
}

/** Whether this page came by a reload. */
export const wasReloaded = (): boolean =>
  performance.getEntriesByType("navigation").some((entry) => "type" in entry && entry.type === "reload");

const LOG_KEY = "safeconduct-log";

/** What this browser remembers of the audit log; null where it remembers nothing. */
export function keptLog(): string | null {
  try {
    return localStorage.getItem(LOG_KEY);
  } catch {
    return null;
  }
}

/** Null forgets it. */
export function keepLog(text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(LOG_KEY);
    else localStorage.setItem(LOG_KEY, text);
  } catch {
    // A browser that keeps nothing: each visit is its first.
  }
}

/** Leaves a note for the other pages of this browser; a browser that keeps nothing leaves none. */
export function leaveNote(key: string, note: string): void {
  try {
    localStorage.setItem(key, note);
  } catch {
    // Each page is alone then, and the server's word counts.
  }
}

/** Calls `heard` with each note that another page leaves. Answers what ends it. */
export function hearNotes(key: string, heard: (note: string) => void): () => void {
  const listen = (event: StorageEvent): void => {
    if (event.key === key && event.newValue !== null) heard(event.newValue);
  };
  addEventListener("storage", listen);
  return () => removeEventListener("storage", listen);
}

/** As the reader ordered them, BCP 47. */
export const wantedLanguages = (): readonly string[] => navigator.languages;

/** Resolves after `milliseconds`; rejects when the signal is aborted. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    }
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** What the browser says that it is. */
export const userAgent = (): string => navigator.userAgent;

/** `length` bytes that nobody can guess. */
export const chance = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

/** The browser's own dialog for printing. */
export const printPage = (): void => print();
