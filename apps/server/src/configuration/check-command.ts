/** `safeconduct config check`: reads a configuration with everything that it names, says what it means, and may try its mail. */
import { resolve } from "node:path";
import { letter, MAIL_TEXTS } from "@safeconduct/exchange";
import type { Language } from "@safeconduct/contract";
import { isProblem } from "@safeconduct/foundation";
import { smtpMail, type SmtpOptions } from "@safeconduct/mail";
import { EXIT, StartFailure } from "../exit.ts";
import { UsageError } from "../options.ts";
import { DEFAULT_LANGUAGE } from "./schema.ts";
import { readConfiguration } from "./read-configuration.ts";
import { summaryOf } from "./summary.ts";

const USAGE = "safeconduct config check FILE [--mail-to ADDRESS] reads a configuration and says what is wrong with it";

/**
 * What to print. `now` in milliseconds since the epoch. Rejects with ConfigurationError, UsageError, and {@link StartFailure}
 * when the mail server did not take the test mail.
 */
export async function checkConfiguration(args: readonly string[], now: number): Promise<string> {
  const [verb, file, option, address, ...rest] = args;
  const isUnderstood =
    verb === "check" &&
    file !== undefined &&
    (option === undefined || (option === "--mail-to" && address !== undefined));
  if (!isUnderstood || rest.length > 0) throw new UsageError(USAGE);
  const { warnings, ...configuration } = await readConfiguration(resolve(file), now);
  const words = [
    `The configuration ${file} is right.`,
    ...summaryOf(configuration),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
  if (address !== undefined) words.push(await tryMail(configuration, address));
  return `${words.join("\n")}\n`;
}

async function tryMail(
  { mail: server, language }: { mail: SmtpOptions | null; language: Language | null },
  to: string,
): Promise<string> {
  if (server === null) throw new UsageError("--mail-to: this configuration has no mail server");
  const used = language ?? DEFAULT_LANGUAGE;
  try {
    await smtpMail(server).send({ to, ...letter(used, MAIL_TEXTS[used].serverTest()) });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError("--mail-to takes one address");
    if (!isProblem(error)) throw error;
    throw new StartFailure(
      EXIT.unavailable,
      `The configuration is right, but ${server.host}:${server.port} did not take a mail from ${server.from}. Check that it can be reached from here, its certificate, user and password, and that it accepts this sender.`,
    );
  }
  return `A test mail was handed to ${server.host}. Look whether it arrived.`;
}
