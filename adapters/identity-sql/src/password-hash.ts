/**
 * Argon2id (RFC 9106) by the OpenSSL inside Node, with a secret value that the database does not hold.
 * Stored as a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$tag`, so that hashes made with other costs stay readable.
 */
import { argon2 } from "node:crypto";
import { type Bytes, copyBytes, equalBytes, type Random, utf8Bytes } from "@safeconduct/foundation";

interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/**
 * OWASP's least recommended cost. Anybody may ask for a hash without being known, so a higher one would buy strength that
 * 15 characters and the secret value already give, and pay for it in what a stranger can make the server do.
 */
const COST: Cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
/** Hashes computed at one time: they run on libuv's four threads, which file access needs as well. */
const AT_ONCE = 2;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

export interface PasswordHash {
  hash(password: string): Promise<string>;
  /** Throws when `stored` is not one of ours: the database was damaged. */
  verify(password: string, stored: string): Promise<boolean>;
  /** A hash that no password has, at no cost. */
  decoy(): string;
}

export function argon2id(ports: { pepper: Bytes; random: Random }): PasswordHash {
  const turns = turnTaking(AT_ONCE);
  const tag = (password: string, salt: Uint8Array, cost: Cost) =>
    turns(() => argon2Tag({ password, salt, cost, pepper: ports.pepper }));
  return {
    async hash(password) {
      const salt = ports.random.bytes(SALT_BYTES);
      return phcText(COST, salt, await tag(password, salt, COST));
    },
    async verify(password, stored) {
      const { cost, salt, expected } = parsePhc(stored);
      return equalBytes(await tag(password, salt, cost), expected);
    },
    decoy: () => phcText(COST, ports.random.bytes(SALT_BYTES), ports.random.bytes(TAG_BYTES)),
  };
}

function argon2Tag(input: { password: string; salt: Uint8Array; cost: Cost; pepper: Bytes }): Promise<Bytes> {
  const parameters = {
    message: utf8Bytes(input.password),
    nonce: input.salt,
    secret: input.pepper,
    memory: input.cost.memoryKib,
    passes: input.cost.passes,
    parallelism: input.cost.lanes,
    tagLength: TAG_BYTES,
  };
  return new Promise((resolve, reject) => {
    argon2("argon2id", parameters, (error, derived) => {
      if (error) reject(error);
      else resolve(copyBytes(derived));
    });
  });
}

function phcText(cost: Cost, salt: Uint8Array, tag: Uint8Array): string {
  return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.lanes}$${unpadded(salt)}$${unpadded(tag)}`;
}

function parsePhc(stored: string): { cost: Cost; salt: Uint8Array; expected: Uint8Array } {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(stored) ?? [];
  if (salt === undefined || tag === undefined) throw new Error("a stored password hash is not in its format");
  const cost = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  return { cost, salt: Buffer.from(salt, "base64"), expected: Buffer.from(tag, "base64") };
}

/** PHC strings use base64 without padding. */
function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** Runs at most `limit` of the given works at a time, in the order they came. */
function turnTaking(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
