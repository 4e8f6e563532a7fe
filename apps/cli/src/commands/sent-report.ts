/** What a sender sees of a sending, begun now or gone on with: how far it is, and the links at its end. */
import type { Recipient, SendProgress, Sent } from "@safeconduct/client";
import type { Context } from "../context.ts";
import { sizeWords, type Terminal, timeWords } from "../terminal.ts";

export const progressOf = ({ terminal, signal }: Pick<Context, "terminal" | "signal">): SendProgress => ({
  signal,
  onProgress: ({ storedBytes, totalBytes }) => terminal.progress(progressWords(storedBytes, totalBytes)),
  onRetry: () => terminal.progress("The server cannot be reached. Trying again …"),
});

/** By address. */
export const drawnPasscodes = (recipients: readonly Recipient[]): ReadonlyMap<string, string> =>
  new Map(
    recipients.flatMap(({ address, secondFactor }) =>
      secondFactor?.kind === "passcode" ? [[address, secondFactor.passcode] as const] : [],
    ),
  );

function progressWords(storedBytes: number, totalBytes: number): string {
  const percent = Math.floor((100 * storedBytes) / totalBytes);
  const filled = Math.floor(percent / 4);
  return `Encrypting and uploading  [${"#".repeat(filled)}${".".repeat(25 - filled)}] ${percent} %  of ${sizeWords(totalBytes)}`;
}

/** `passcodes`: those that were drawn here, by address; whoever brought an own one knows it. */
export function reportSent(
  terminal: Terminal,
  { transfer, notAfter, links }: Sent,
  { files, passcodes }: { files: number; passcodes: ReadonlyMap<string, string> },
): void {
  const told = links.map((link) => {
    const passcode = passcodes.get(link.address);
    return passcode === undefined ? link : { ...link, passcode };
  });
  terminal.result({ transfer, notAfter, links: told }, [
    `${files === 1 ? "1 file is" : `${files} files are`} sealed. Transfer ${transfer}, open until ${timeWords(notAfter)}.`,
    "",
    ...told.flatMap((link) => [
      `  ${link.address}`,
      `  ${link.link}`,
      ...("passcode" in link ? [`  passcode: ${link.passcode}`] : []),
      "",
    ]),
    "Give each recipient their own link. It is shown only now; the server does not know it.",
    ...(passcodes.size === 0
      ? []
      : [
          "Tell each recipient their passcode apart from the link: over the phone, never in the same mail as the link.",
          "It is shown only now, too. After ten wrong ones the link is closed.",
        ]),
    "A code goes to the recipient's address when they open it.",
  ]);
}
