/** What the server runs with: the command line first, then the configuration file, then what is usual. */
import { homedir } from "node:os";
import { join } from "node:path";
import type { Language } from "@safeconduct/contract";
import { type Configuration, readConfiguration } from "./configuration/read-configuration.ts";
import { DEFAULT_LANGUAGE } from "./configuration/schema.ts";
import { DEFAULT_GRACE_SECONDS, DEFAULT_PORT, type ServerOptions } from "./options.ts";

export interface ServerSettings
  extends Pick<Configuration, "address" | "tls" | "proxies" | "mail" | "postgres" | "warnings"> {
  /** Data folder, absolute. */
  readonly home: string;
  /** What to listen on; null is every network. */
  readonly host: string | null;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Time between an expiry and the destruction of shares and blob. */
  readonly expiryGraceMs: number;
  readonly quotaBytes: number | null;
  /** The organisation's, for mails to people who have chosen none. */
  readonly language: Language;
  readonly witnessFile: string | null;
  readonly newLedgerOrigin: boolean;
  /** RFC 7512 address of the PKCS#11 token with the key service's master keys; null: files in its folder. */
  readonly master: string | null;
}

const THIS_COMPUTER = "localhost";

/** Where an instance has its data, for the server and for a check. Rejects with ConfigurationError. */
export async function placesOf(
  { home, master, configurationFile }: Pick<ServerOptions, "home" | "master" | "configurationFile">,
  now: number,
): Promise<Pick<ServerSettings, "home" | "postgres" | "master"> & { readonly configured: Configuration | null }> {
  const configured = configurationFile === null ? null : await readConfiguration(configurationFile, now);
  return {
    home: home ?? configured?.home ?? join(homedir(), ".safeconduct"),
    postgres: configured?.postgres ?? null,
    master: master ?? configured?.master ?? null,
    configured,
  };
}

/** `now` in milliseconds since the epoch. Rejects with ConfigurationError. */
export async function settingsOf(options: ServerOptions, now: number): Promise<ServerSettings> {
  const { configured, ...places } = await placesOf(options, now);
  const tls = configured?.tls ?? null;
  return {
    address: configured?.address ?? null,
    tls,
    proxies: configured?.proxies ?? null,
    mail: configured?.mail ?? null,
    ...places,
    warnings: configured?.warnings ?? [],
    host: configured?.host ?? (tls === null ? THIS_COMPUTER : null),
    port: options.port ?? configured?.port ?? DEFAULT_PORT,
    expiryGraceMs: options.expiryGraceMs ?? configured?.expiryGraceMs ?? DEFAULT_GRACE_SECONDS * 1000,
    quotaBytes: options.quotaBytes ?? configured?.quotaBytes ?? null,
    language: configured?.language ?? DEFAULT_LANGUAGE,
    witnessFile: options.witnessFile ?? configured?.witnessFile ?? null,
    newLedgerOrigin: options.newLedgerOrigin,
  };
}
