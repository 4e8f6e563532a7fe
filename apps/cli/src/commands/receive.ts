/** `safeconduct receive LINK --out FOLDER`: confirms the address, opens, verifies and saves. A file appears only when it is whole. */
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openTransfer, parseLink } from "@safeconduct/client";
import { clientProblem } from "@safeconduct/client";
import { PURPOSE_WORDS } from "@safeconduct/contract";
import type { ManifestFile, OpenedPackage } from "@safeconduct/envelope";
import { hexText, isProblem } from "@safeconduct/foundation";
import { readWords } from "../arguments.ts";
import type { Context } from "../context.ts";
import { cliProblem } from "../errors.ts";
import { sizeWords, type Terminal, timeWords } from "../terminal.ts";

const CODE_TRIES = 3;

export async function receive({ terminal, signal, connect }: Context, args: readonly string[]): Promise<void> {
  const { positionals, options } = readWords(args, { options: { out: "text" }, positionals: { min: 1, max: 1 } });
  const link = parseLink(positionals[0] ?? "");
  if (link === null) throw clientProblem("client/bad-link");
  const out = resolve(options.out ?? ".");
  await makeFolder(out);

  const { grant, fragment, origin } = link;
  const open = connect(origin);
  const invitation = await open.api.call("invitation", { path: { grant }, signal });
  terminal.say(
    `${invitation.organisation} sent you files, for ${PURPOSE_WORDS[invitation.purpose]}. From ${invitation.sender}, open until ${timeWords(invitation.notAfter)}.`,
  );
  const sent = await open.api.call("sendCode", { path: { grant }, signal });
  terminal.say(
    `A code is on its way to ${sent.addressHint}. It works for ${Math.round(sent.expiresInSeconds / 60)} minutes.`,
  );
  const session = await confirm(terminal, (code) =>
    open.api.call("confirm", { path: { grant }, body: { code }, signal }),
  );

  const ports = connect(origin, session);
  const opened = await openTransfer(ports, { grant, fragment, signal });
  const { files } = opened.manifest;
  const saved = [];
  for (const file of files)
    saved.push({
      path: await save(terminal, opened, file, out),
      sizeBytes: file.sizeBytes,
      sha256: hexText(file.sha256),
    });
  terminal.progressDone();
  // The files are here either way; a receipt that cannot be given now must not look like a failure.
  const receipt = await ports.api
    .call("receipt", { path: { grant }, body: { files: files.length, verified: true } })
    .then(
      () => true,
      () => false,
    );
  terminal.result({ files: saved, receipt }, [
    ...saved.map(({ path, sizeBytes }) => `${path}  ${sizeWords(sizeBytes)}`),
    `${files.length === 1 ? "1 file" : `${files.length} files`} verified and saved.${receipt ? " The sender has your receipt." : ""}`,
  ]);
}

async function confirm(terminal: Terminal, attempt: (code: string) => Promise<{ session: string }>): Promise<string> {
  for (let tries = 1; ; tries++) {
    const code = await terminal.ask("Code: ");
    try {
      return (await attempt(code)).session;
    } catch (error) {
      const again =
        isProblem(error) &&
        (error.code === "grant/code-refused" || error.code === "request/invalid") &&
        tries < CODE_TRIES;
      if (!again) throw error;
      terminal.say(error.message);
    }
  }
}

/** Writes beside the final name and renames at the end, so that nothing half-verified ever looks like the file. Answers its path. */
async function save(terminal: Terminal, opened: OpenedPackage, file: ManifestFile, out: string): Promise<string> {
  const path = await freePath(join(out, ...file.path.split("/")));
  const temporary = `${path}.safeconduct-part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, "wx", 0o600).catch(writeFailure);
    try {
      let done = 0;
      for await (const piece of opened.readFile(file.id)) {
        await handle.writeFile(piece).catch(writeFailure);
        done += piece.length;
        terminal.progress(`Verifying and saving  ${sizeWords(done)} of ${sizeWords(file.sizeBytes)}`);
      }
      await handle.sync().catch(writeFailure);
    } finally {
      await handle.close();
    }
    await rename(temporary, path).catch(writeFailure);
    return path;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** `name.dcm`, or `name (2).dcm` where that is taken: nothing of the recipient's own is overwritten. */
async function freePath(path: string): Promise<string> {
  const dot = path.lastIndexOf(".");
  const stem = dot > path.lastIndexOf("/") + 1 ? path.slice(0, dot) : path;
  const extension = path.slice(stem.length);
  for (let copy = 1; ; copy++) {
    const candidate = copy === 1 ? path : `${stem} (${copy})${extension}`;
    if ((await stat(candidate).catch(() => null)) === null) return candidate;
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch(writeFailure);
}

function writeFailure(): never {
  throw cliProblem("cli/unwritable-folder");
}
