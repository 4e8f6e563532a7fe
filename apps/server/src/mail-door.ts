/** Where mail goes: to the mail server that a file describes, or, on an evaluation instance, to a page of this computer. */
import { readFile } from "node:fs/promises";
import { type LocalMailbox, localMailbox, smtpMail } from "@safeconduct/mail";
import type { Mail } from "@safeconduct/exchange";
import type { Clock } from "@safeconduct/foundation";
import { z } from "zod";
import { EXIT, StartFailure } from "./exit.ts";

const mailFile = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** TLS from the first byte; otherwise STARTTLS. */
  secure: z.boolean().default(false),
  from: z.string().min(3),
  login: z.strictObject({ user: z.string().min(1), password: z.string() }).optional(),
  tlsAuthority: z.string().optional(),
});

export interface MailDoor {
  readonly mail: Mail;
  /** Null where real mail is sent. */
  readonly mailbox: LocalMailbox | null;
}

/** Throws {@link StartFailure} for a file that does not describe a mail server. Connects with the first mail. */
export async function openMail(path: string | null, clock: Clock): Promise<MailDoor> {
  if (path === null) {
    const mailbox = localMailbox(clock);
    return { mail: mailbox, mailbox };
  }
  const { data } = mailFile.safeParse(
    await readFile(path, "utf8")
      .then(JSON.parse)
      .catch(() => null),
  );
  const mail = data && smtpOrNull(data);
  if (!mail) {
    throw new StartFailure(
      EXIT.usage,
      `The file ${path} does not describe a mail server: JSON with host, port, from and, where needed, secure, login {user, password} and tlsAuthority.`,
    );
  }
  return { mail, mailbox: null };
}

function smtpOrNull({ login, tlsAuthority, ...server }: z.output<typeof mailFile>): Mail | null {
  try {
    return smtpMail({
      ...server,
      ...(login === undefined ? {} : { login }),
      ...(tlsAuthority === undefined ? {} : { tlsAuthority }),
    });
  } catch (error) {
    // A sender that is not one address.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
