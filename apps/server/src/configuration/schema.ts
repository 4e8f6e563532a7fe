/**
 * The configuration file: what a server needs to know beyond an evaluation on one computer. JSON; no secret stands in it, only
 * the names of files that hold one; names of files are taken from the folder that the configuration lies in.
 */
import { type Language, LANGUAGES } from "@safeconduct/contract";
import { z } from "zod";

const port = z.int().min(1).max(65_535);
const file = z.string().min(1);

export const GIB_BYTES = 2 ** 30;
export const GRACE_MAX_SECONDS = 30 * 24 * 3600;
/** A pebibyte: more is a slip of the hand. */
export const QUOTA_MAX_GIB = 2 ** 20;

export const DEFAULT_LANGUAGE: Language = "en";

/** `https://files.northlake.example`, with a port where it is not 443, and nothing behind it. */
const address = z.string().refine((text) => {
  const url = URL.parse(text);
  return url?.protocol === "https:" && url.origin === text;
}, "an address like https://files.northlake.example, without anything behind it");

export const configurationSchema = z.strictObject({
  /** Where everybody reaches this server. Without it this is an evaluation instance, on this computer only. */
  address: address.optional(),
  listen: z
    .strictObject({
      /** A name or number of this computer. Default: every network with `tls`, this computer alone with `proxies`. */
      host: z.string().min(1).optional(),
      /** 0 takes a free one. */
      port: z.int().min(0).max(65_535).optional(),
    })
    .optional(),
  /** Looked at every few seconds: a renewed certificate needs no restart. */
  tls: z.strictObject({ certificateFile: file, keyFile: file }).optional(),
  /** TLS ends at a proxy: the addresses or networks (CIDR) that may say whom they speak for. */
  proxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .min(1)
    .optional(),
  mail: z
    .strictObject({
      host: z.string().min(1),
      port: port.default(587),
      /** `tls` from the first byte (port 465), or `starttls`. */
      security: z.enum(["starttls", "tls"]).default("starttls"),
      from: z.email(),
      user: z.string().min(1).optional(),
      passwordFile: file.optional(),
      /** PEM, of a mail server with a certificate of the organisation's own. */
      authorityFile: file.optional(),
    })
    .refine(({ user, passwordFile }) => (user === undefined) === (passwordFile === undefined), {
      message: "user and passwordFile go together",
    })
    .optional(),
  /** SQLite in the data folder where it is absent. */
  postgres: z
    .strictObject({
      /** May be the folder of a socket. */
      host: z.string().min(1),
      port: port.default(5432),
      user: z.string().min(1),
      database: z.string().min(1),
      passwordFile: file.optional(),
      authorityFile: file.optional(),
    })
    .optional(),
  /** Data folder. */
  home: file.optional(),
  /** From a link's end to the destruction of its keys. */
  expiryGraceSeconds: z.int().min(0).max(GRACE_MAX_SECONDS).optional(),
  /** Room for one organisation's ciphertext. */
  quotaGib: z.int().min(0).max(QUOTA_MAX_GIB).optional(),
  /** Of mails to people who have chosen none. */
  language: z.enum(LANGUAGES).optional(),
  /** RFC 7512 address of the PKCS#11 token with the key service's master keys; files in its folder where it is absent. */
  master: z.string().startsWith("pkcs11:").optional(),
  /** A witness policy with the addresses of witnesses. */
  witnessFile: file.optional(),
});

export type ConfigurationFile = z.output<typeof configurationSchema>;

/** Settings that name a file, and whether only its owner may read it. */
export const FILE_SETTINGS = [
  { setting: ["tls", "certificateFile"], isSecret: false },
  { setting: ["tls", "keyFile"], isSecret: true },
  { setting: ["mail", "passwordFile"], isSecret: true },
  { setting: ["mail", "authorityFile"], isSecret: false },
  { setting: ["postgres", "passwordFile"], isSecret: true },
  { setting: ["postgres", "authorityFile"], isSecret: false },
  { setting: ["witnessFile"], isSecret: false },
] as const;
