/** Problems whose own words name a command of the command line, told for somebody who looks at a page. */
export const problemWords: Readonly<Record<string, string>> = {
  "client/device-removed":
    "This device was removed from another one of yours. You can add it again on your account page.",
  "client/links-lost":
    "This sending was sealed, but its links were not kept. Make a fresh link for each recipient on the Transfers page.",
  "client/no-such-device": "You have no other device of that id.",
  "client/other-devices":
    "The server does not show the devices that you know, signed as they must be, so nothing was done. If you began anew on another device, add this one again on your account page; if not, tell your administrator.",
  "client/other-key-service":
    "This server's key service is not the one that this device pinned when it was enrolled, so nothing was sent. Ask your administrator whether it was set up anew.",
  "client/recovery-key-new":
    "The server shows a recovery key of your organisation that this device does not know. Ask who made the recovery cards for their fingerprint, not over this server. If nobody made cards, tell your administrator.",
  "client/removed-device-sealed":
    "This transfer was sealed by a device that you have removed since. If you removed it because it was stolen, send the files again.",
  "device/conflict": "A device of that id is enrolled with other keys. Begin again on this one.",
  "device/join-required":
    "You have a device already, and it must let this one in. If all of them are lost, use your printed recovery key.",
  "device/removed": "This device was removed from your account. To use it again, add it anew on your account page.",
  "device/unknown": "This device is not enrolled for you. Enrol it on your account page.",
  "recovery/not-approved": "Nobody has approved this recovery yet. A second person has to.",
  "sign-in/required": "Sign in first.",
};
