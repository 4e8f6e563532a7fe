/** What only the recipient's page can refuse. */
import { Problem } from "@safeconduct/foundation";

const MESSAGES = {
  "portal/saving-stopped":
    "Your browser stopped saving this file: it was cancelled in the browser’s own list, or there is no room on the disk. Delete what is left of it, make room if need be, and download it again.",
} as const;

export const savingStopped = (): Problem => new Problem("portal/saving-stopped", MESSAGES["portal/saving-stopped"]);
