/** Hands a finished Blob to the browser's own download list. */
import { after } from "../platform.ts";

/** A slow device may still be reading when the click returns. */
const REVOKE_AFTER_MS = 60_000;

export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  after(REVOKE_AFTER_MS, () => URL.revokeObjectURL(url));
}
