/**
 * A server that answers as it is told: the built pages under the policy of the real one, and an API of canned answers.
 * It shows states that a true server reaches seldom or never: hostile answers, outages, a full list. The true server is
 * asked in `portal-journey.test.ts`.
 */
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sixDigitCode } from "@safeconduct/contract";
import { base64UrlBytes, base64UrlText, type Bytes } from "@safeconduct/foundation";
import { digestOfPart } from "@safeconduct/testkit";
import type { Release, SamplePackage } from "./portal-package.ts";

export const portalFolder = fileURLToPath(new URL("../../apps/portal/dist", import.meta.url));

/** As apps/server serves it. */
const policy = (frames: "'self'" | "'none'") =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    `frame-src ${frames}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types worker-address",
  ].join("; ");

/** A worker's own. */
const SCRIPT_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
const scriptPolicy = (file: string) =>
  file.includes("upload-worker") ? `${SCRIPT_POLICY}; connect-src 'self' blob:` : SCRIPT_POLICY;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

export interface Answer {
  readonly status?: number;
  /** Absent: no body. */
  readonly body?: unknown;
  /** Cuts the connection instead of answering. */
  readonly cut?: boolean;
  /** Never answers. */
  readonly hang?: boolean;
}

type AnswerTo = Answer | ((request: { body: unknown; path: string }) => Answer | Promise<Answer>);

export const problem = (status: number, code: string, title: string, more: object = {}): Answer => ({
  status,
  body: { type: "about:blank", status, code, title, ...more },
});

export interface PortalDouble {
  readonly origin: string;
  /** "METHOD /path" below /api/v1 to its answer; changes count at once. `*` stands for one segment. */
  readonly answers: Map<string, AnswerTo>;
  /** Requests in order, "METHOD /path". */
  readonly asked: string[];
  /** Asked for each part that is put: null takes it. */
  part: () => Answer | null;
  /** What is under /ledger: notes as text, tiles as bytes. */
  ledger: (path: string) => Promise<Bytes | string | null>;
  /** Answers the range requests for the blob. */
  blob: (range: { offset: number; length: number }) => Bytes | Answer;
  close(): Promise<void>;
}

export async function openPortalDouble(): Promise<PortalDouble> {
  const double: PortalDouble = {
    origin: "",
    answers: new Map(),
    asked: [],
    part: () => null,
    ledger: async () => null,
    blob: () => problem(404, "grant/unavailable", "These files are not available."),
    close: async () => undefined,
  };
  const files = await builtFiles();
  const server = createServer((request, response) => {
    respond(double, files, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return Object.assign(double, {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** Path from the root of the site to content, read once as the true server does. */
async function builtFiles(): Promise<ReadonlyMap<string, Buffer>> {
  const names = [
    "index.html",
    "receive.html",
    "reading/worker.js",
    "saving/worker.js",
    ...(await readdir(join(portalFolder, "assets"))).map((name) => `assets/${name}`),
  ];
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(portalFolder, name))] as const)),
  );
}

async function respond(
  double: PortalDouble,
  files: ReadonlyMap<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (pathname.startsWith("/api/v1/")) return answerApi(double, request, response, pathname.slice("/api/v1".length));
  if (pathname.startsWith("/ledger/")) {
    const found = await double.ledger(pathname.slice("/ledger/".length));
    return void response.writeHead(found === null ? 404 : 200).end(found ?? undefined);
  }
  if (pathname.startsWith("/blobs/")) return answerBlob(double, request, response);
  const page = pathname.startsWith("/r/") ? "receive.html" : "index.html";
  const file = /^\/(?:assets|reading|saving)\//.test(pathname) ? pathname.slice(1) : page;
  const content = files.get(file);
  if (content === undefined) return void response.writeHead(404).end();
  response.writeHead(200, {
    "content-type": MEDIA_TYPES[extname(file)] ?? "application/octet-stream",
    "content-security-policy": file.endsWith(".js")
      ? scriptPolicy(file)
      : policy(file === "receive.html" ? "'self'" : "'none'"),
    "x-content-type-options": "nosniff",
    ...(file === "reading/worker.js" ? { "service-worker-allowed": "/assets/upload-worker-" } : {}),
  });
  response.end(content);
}

async function answerApi(
  double: PortalDouble,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  double.asked.push(`${request.method} ${path}`);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const found = answerFor(double.answers, `${request.method} ${path}`);
  const answer =
    typeof found === "function" ? await found({ body: text === "" ? null : JSON.parse(text), path }) : found;
  write(response, answer ?? problem(404, "request/unknown-path", "There is nothing at this address."));
}

function answerFor(answers: ReadonlyMap<string, AnswerTo>, asked: string): AnswerTo | undefined {
  for (const [name, answer] of answers) {
    if (new RegExp(`^${name.replaceAll("*", "[^/]+")}$`, "u").test(asked)) return answer;
  }
  return undefined;
}

function write(response: ServerResponse, { status = 200, body, cut, hang }: Answer): void {
  if (hang === true) return;
  if (cut === true) return void response.destroy();
  if (body === undefined) return void response.writeHead(status === 200 ? 204 : status).end();
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function answerBlob(double: PortalDouble, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "PUT") return answerPart(double, request, response);
  double.asked.push("GET /blobs");
  const [, from, to] = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? "") ?? [];
  const answer = double.blob({ offset: Number(from), length: Number(to) - Number(from) + 1 });
  if (!(answer instanceof Uint8Array)) return write(response, answer);
  response.writeHead(206, { "content-length": answer.length, "content-type": "application/octet-stream" }).end(answer);
}

/** Takes a part as the true server does, and forgets it. */
async function answerPart(double: PortalDouble, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = double.part();
  if (answer !== null) return write(response, answer);
  const number = Number(request.url?.split("/").at(-1));
  const part = Buffer.concat(await request.toArray());
  write(response, { body: { number, sizeBytes: part.length, sha256: base64UrlText(digestOfPart(part)) } });
}

// Answers of an instance in good order

const HOUR_MS = 3_600_000;
const id = (prefix: string, letter: string) => `${prefix}_${letter.repeat(25)}a`;

export const instance = (changes: object = {}): Answer => ({
  body: {
    evaluation: true,
    setUp: true,
    organisation: { id: id("org", "r"), name: "Riverside Clinic" },
    keyService: { signingPublicKey: "AA", intake: { publicKey: "AA", notBefore: 0, notAfter: 1, signature: "AA" } },
    ledger: { origin: "riverside.example/log", verifierKey: "riverside", checkpointUrl: "/ledger/checkpoint" },
    mailboxUrl: "/mailbox",
    ...changes,
  },
});

export const member = {
  member: {
    id: id("mem", "m"),
    name: "M. Okafor",
    address: "m.okafor@riverside.example",
    roles: ["sender", "compliance-officer", "administrator"],
  },
  organisation: { id: id("org", "r"), name: "Riverside Clinic" },
};

export const signedOut = problem(401, "sign-in/required", "Sign in first, or give a valid API token.");

export function grantOf(letter: string, changes: object = {}) {
  const now = Date.now();
  return {
    id: id("grt", letter),
    address: "a.lindqvist@northlake-cardiology.example",
    name: null,
    organisation: null,
    language: null,
    closesOnReceipt: false,
    closesAt: null,
    conditions: null,
    termsAcceptedAt: null,
    deletionAttestedAt: null,
    problem: null,
    state: "pending",
    notBefore: now - 5 * HOUR_MS,
    notAfter: now + 43 * HOUR_MS,
    releaseCap: 0,
    releases: 0,
    secondFactor: null,
    locked: false,
    confirmedAt: null,
    firstReleasedAt: null,
    receiptAt: null,
    suspendedAt: null,
    closedByOfficer: false,
    codeUndeliveredAt: null,
    endedAt: null,
    destroyedAt: null,
    ...changes,
  };
}

export function transferOf(letter: string, grants: readonly object[], changes: object = {}) {
  const now = Date.now();
  return {
    id: id("trf", letter),
    state: "active",
    purpose: "TREAT",
    profile: "downloadable",
    handling: "regulated",
    sender: { id: member.member.id, name: member.member.name },
    createdAt: now - 5 * HOUR_MS,
    sealedAt: now - 5 * HOUR_MS,
    endedAt: null,
    destroyedAt: null,
    blobLengthBytes: 163_577_856,
    partCount: 20,
    heldParts: 20,
    holds: [],
    grants,
    ...changes,
  };
}

export const invitation = (changes: object = {}): Answer => ({
  body: {
    organisation: "Riverside Clinic",
    sender: "M. Okafor",
    purpose: "TREAT",
    profile: "downloadable",
    notBefore: Date.now() - HOUR_MS,
    notAfter: Date.now() + 43 * HOUR_MS,
    addressHint: "a•••t@northlake-cardiology.example",
    language: null,
    evaluation: true,
    ...changes,
  },
});

/** Everything a recipient needs to receive `sample`; `spoil` changes the release on its way. */
export function offer(
  double: PortalDouble,
  sample: SamplePackage,
  spoil: (release: Release) => Partial<Release> = () => ({}),
): void {
  const blob = () => ({ url: `${double.origin}/blobs/x?signature=0`, expiresAt: Date.now() + 60_000 });
  double.answers.set("GET /instance", instance());
  double.answers.set("GET /grants/*", invitation({ profile: sample.profile }));
  double.answers.set("POST /grants/*/codes", {
    status: 202,
    body: { addressHint: "a•••t@northlake-cardiology.example", expiresInSeconds: 600, nextInSeconds: 30 },
  });
  double.answers.set("POST /grants/*/confirmations", ({ body }) =>
    sixDigitCode.parse((body as { code: string }).code) === "402719"
      ? {
          status: 201,
          body: {
            session: "scv_session",
            expiresAt: Date.now() + HOUR_MS,
            address: "a.lindqvist@northlake-cardiology.example",
            terms: sample.terms,
            termsAcceptedAt: null,
          },
        }
      : problem(
          403,
          "grant/code-refused",
          "That code is not right, or it is older than 10 minutes. Check the newest message, or ask for a new code.",
          { field: "/code" },
        ),
  );
  double.answers.set("POST /grants/*/passcode", ({ body }) =>
    (body as { verifier: string }).verifier === sample.verifier
      ? {}
      : problem(
          403,
          "grant/factor-refused",
          "That was not accepted. Check what you typed and try again; after several wrong tries it takes a while until the next one counts.",
        ),
  );
  double.answers.set("POST /grants/*/acceptance", {});
  double.answers.set("POST /grants/*/deletion", {});
  double.answers.set("POST /grants/*/problems", {});
  double.answers.set("POST /grants/*/authenticator", ({ body }) =>
    sixDigitCode.parse((body as { code: string }).code) === "628113"
      ? {}
      : problem(403, "grant/factor-refused", "That was not accepted."),
  );
  double.answers.set("GET /grants/*/factors", { body: { enrolled: [], removable: [] } });
  double.answers.set("POST /grants/*/authenticator/enrolment", {
    status: 201,
    body: {
      otpauthUri:
        "otpauth://totp/Riverside%20Clinic:a.lindqvist%40northlake-cardiology.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Riverside%20Clinic&algorithm=SHA1&digits=6&period=30",
      secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    },
  });
  double.answers.set("POST /grants/*/authenticator/confirmation", ({ body }) =>
    sixDigitCode.parse((body as { code: string }).code) === "628113"
      ? {}
      : problem(403, "factor/code-refused", "That code is not right, or it was used before.", { field: "/code" }),
  );
  double.answers.set("POST /grants/*/passkey/challenge", {
    status: 201,
    body: { challenge: "A".repeat(43), rpId: "localhost", expiresInSeconds: 300 },
  });
  double.answers.set("POST /grants/*/passkey", {});
  double.answers.set("POST /grants/*/passkey/enrolment", {
    status: 201,
    body: {
      challenge: "A".repeat(43),
      rpId: "localhost",
      organisation: "Riverside Clinic",
      address: "a.lindqvist@northlake-cardiology.example",
      userHandle: "A".repeat(43),
      enrolled: [],
    },
  });
  double.answers.set("POST /grants/*/passkey/confirmation", {});
  double.answers.set("POST /grants/*/factors/removal", {});
  double.answers.set("POST /grants/*/release", async ({ body }) => {
    const key = base64UrlBytes((body as { ephemeralPublicKey: string }).ephemeralPublicKey);
    if (key === null) throw new Error("no ephemeral key");
    const release = await sample.release(key);
    return { body: { ...release, ...spoil(release), blob: blob() } };
  });
  double.answers.set("POST /grants/*/blob", () => ({ body: blob() }));
  double.answers.set("POST /grants/*/receipt", {});
  double.blob = ({ offset, length }) => sample.blob.slice(offset, offset + length);
}
