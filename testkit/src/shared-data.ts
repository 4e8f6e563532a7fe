/** Where the public test data stand: beside the checkout, never in it. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder of shared test data (ending without a slash), or null in a clone that stands alone. */
export function sharedData(): string | null {
  const folder = fileURLToPath(new URL("../../../shared/data", import.meta.url));
  return existsSync(folder) ? folder : null;
}
