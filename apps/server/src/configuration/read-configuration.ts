/** Reads a configuration file and everything that it names, and says all that is wrong with it at once. */
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Language } from "@safeconduct/contract";
import type { SmtpOptions } from "@safeconduct/mail";
import type { PostgresConnection } from "@safeconduct/postgres";
import type { z } from "zod";
import { certificateProblems, certificateWarnings } from "./certificate.ts";
import { type ConfigurationFile, configurationSchema, FILE_SETTINGS, GIB_BYTES } from "./schema.ts";

export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** PEM, as they were read. */
  readonly certificate: string;
  readonly key: string;
}

/** Absent settings keep their defaults. Paths are absolute. */
export interface Configuration {
  /** Origin, or null for an evaluation instance. */
  readonly address: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly tls: TlsFiles | null;
  readonly proxies: readonly string[] | null;
  readonly mail: SmtpOptions | null;
  readonly postgres: PostgresConnection | null;
  readonly home: string | null;
  readonly expiryGraceMs: number | null;
  readonly quotaBytes: number | null;
  readonly language: Language | null;
  readonly master: string | null;
  readonly witnessFile: string | null;
  /** What works, but not for everybody or not for long; a line each. */
  readonly warnings: readonly string[];
}

/** Each problem is one line: the setting, a colon, what is wrong. No content of a file is among them. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[]) {
    const [only, ...others] = problems;
    super(
      others.length === 0
        ? `The configuration ${file} has a problem: ${only ?? ""}`
        : `The configuration ${file} has ${problems.length} problems:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

/** Larger ones are something else. */
const FILE_LIMIT_BYTES = 1 << 20;
const OTHERS = 0o077;

/** `now` in milliseconds since the epoch. Rejects with {@link ConfigurationError}. */
export async function readConfiguration(path: string, now: number): Promise<Configuration> {
  const raw = await rawOf(path);
  const parsed = configurationSchema.safeParse(raw);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap(issueLines);
  const files = new Map<string, string>();
  for (const { setting, isSecret } of FILE_SETTINGS) {
    const named = valueAt(raw, setting);
    if (typeof named !== "string" || named === "") continue;
    const read = await readNamed(resolve(dirname(path), named), isSecret);
    if ("content" in read) files.set(setting.join("."), read.content);
    else problems.push(`${setting.join(".")}: ${read.problem}`);
  }
  if (parsed.success) problems.push(...contradictions(parsed.data));
  const [certificate, key] = [files.get("tls.certificateFile"), files.get("tls.keyFile")];
  const url = URL.parse(String(valueAt(raw, ["address"])));
  if (certificate !== undefined && key !== undefined && url !== null)
    problems.push(...certificateProblems({ certificate, key }, url.hostname));
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(path, problems);
  const warnings = certificate === undefined ? [] : certificateWarnings(certificate, now);
  return { ...settled(parsed.data, dirname(path), files), warnings };
}

async function rawOf(path: string): Promise<unknown> {
  const read = await readNamed(path, false);
  if ("problem" in read) throw new ConfigurationError(path, [`the file itself: ${read.problem}`]);
  try {
    return JSON.parse(read.content);
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    const line = position === undefined ? null : read.content.slice(0, Number(position)).split("\n").length;
    throw new ConfigurationError(path, [`the file itself: not JSON${line === null ? "" : `, see line ${line}`}`]);
  }
}

async function readNamed(path: string, isSecret: boolean): Promise<{ content: string } | { problem: string }> {
  try {
    const about = await stat(path);
    if (!about.isFile()) return { problem: `${path} is no file` };
    if (about.size > FILE_LIMIT_BYTES) return { problem: `${path} is too large to be this` };
    // Windows has no such modes.
    if (isSecret && process.platform !== "win32" && (about.mode & OTHERS) !== 0)
      return { problem: `${path} can be read by others on this computer; run: chmod 600 ${path}` };
    const content = await readFile(path, "utf8");
    return content.trim() === "" ? { problem: `${path} is empty` } : { content };
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    return { problem: isAbsent ? `${path} is not there` : `${path} cannot be read by this user` };
  }
}

/** What each setting alone cannot say. */
function contradictions({ address, tls, proxies, mail, listen, postgres }: ConfigurationFile): readonly string[] {
  const problems: string[] = [];
  const isPublic = address !== undefined;
  if (isPublic && (tls === undefined) === (proxies === undefined))
    problems.push("address: needs either tls (certificate here) or proxies (TLS ends at a proxy in front)");
  if (isPublic && mail === undefined) problems.push("mail: is needed with an address, or nobody gets a code");
  for (const [name, value] of Object.entries({ tls, proxies }))
    if (!isPublic && value !== undefined) problems.push(`${name}: needs an address`);
  if (!isPublic && listen?.host !== undefined)
    problems.push("listen.host: an evaluation instance is on this computer only; give an address");
  if (postgres !== undefined && postgres.authorityFile === undefined && !isHere(postgres.host))
    problems.push(
      "postgres.authorityFile: is needed for a database on another computer, or all of it travels unencrypted",
    );
  return problems;
}

/** A folder is that of a socket. */
const isHere = (host: string): boolean => host.startsWith("/") || LOOPBACK.has(host);
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

function settled(
  parsed: ConfigurationFile,
  folder: string,
  files: ReadonlyMap<string, string>,
): Omit<Configuration, "warnings"> {
  const { address, listen, tls, proxies, mail, postgres, home, expiryGraceSeconds, quotaGib, language, master } =
    parsed;
  const { witnessFile } = parsed;
  const path = (name: string | undefined) => (name === undefined ? null : resolve(folder, name));
  const content = (setting: string) => files.get(setting) ?? "";
  return {
    address: address ?? null,
    host: listen?.host ?? null,
    port: listen?.port ?? null,
    tls:
      tls === undefined
        ? null
        : {
            certificateFile: resolve(folder, tls.certificateFile),
            keyFile: resolve(folder, tls.keyFile),
            certificate: content("tls.certificateFile"),
            key: content("tls.keyFile"),
          },
    proxies: proxies ?? null,
    mail:
      mail === undefined
        ? null
        : {
            host: mail.host,
            port: mail.port,
            secure: mail.security === "tls",
            from: mail.from,
            ...(mail.user === undefined
              ? {}
              : { login: { user: mail.user, password: secretOf(content("mail.passwordFile")) } }),
            ...(mail.authorityFile === undefined ? {} : { tlsAuthority: content("mail.authorityFile") }),
          },
    postgres:
      postgres === undefined
        ? null
        : {
            host: postgres.host,
            port: postgres.port,
            user: postgres.user,
            database: postgres.database,
            ...(postgres.passwordFile === undefined ? {} : { password: secretOf(content("postgres.passwordFile")) }),
            ...(postgres.authorityFile === undefined ? {} : { tlsAuthority: content("postgres.authorityFile") }),
          },
    home: path(home),
    expiryGraceMs: expiryGraceSeconds === undefined ? null : expiryGraceSeconds * 1000,
    quotaBytes: quotaGib === undefined ? null : quotaGib * GIB_BYTES,
    language: language ?? null,
    master: master ?? null,
    witnessFile: path(witnessFile),
  };
}

/** Editors end a file with a line break, which no password means. */
const secretOf = (content: string): string => content.replace(/\r?\n$/, "");

function valueAt(raw: unknown, setting: readonly string[]): unknown {
  let value = raw;
  for (const name of setting) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function issueLines(issue: z.core.$ZodIssue): readonly string[] {
  const place = issue.path.join(".");
  const at = (name: string) => (place === "" ? name : `${place}.${name}`);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${at(key)}: there is no such setting`);
  return [`${place === "" ? "the file itself" : place}: ${issue.message}`];
}
