/** The answer with which the worker saves: an attachment of known length, whatever it holds. */

/** RFC 8187: everything outside `attr-char` as percent-encoded UTF-8. `encodeURIComponent` leaves five more than that. */
function extendedValue(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Never a type that a browser would show or run, and an exact length: without one a phone cuts the file short. */
export function attachmentHeaders({ fileName, sizeBytes }: { fileName: string; sizeBytes: number }): Headers {
  return new Headers({
    "content-type": "application/octet-stream",
    "content-length": String(sizeBytes),
    "content-disposition": `attachment; filename*=UTF-8''${extendedValue(fileName)}`,
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
}
