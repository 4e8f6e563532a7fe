/**
 * The portal's built files, read once at start. Two pages: `index.html` for members and `receive.html` for recipients,
 * each with its own strict policy: nothing from elsewhere, nothing inline, nothing that frames us.
 */
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requestProblem } from "./errors.ts";
import { takesBrotli } from "./takes-brotli.ts";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  // What pdf.js brings along: maps of characters and the standard fonts.
  ".bcmap": "application/octet-stream",
  ".pfb": "application/octet-stream",
  ".ttf": "font/ttf",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
};

/** Hashing needs WebAssembly. One name makes script addresses: those of our own workers (the portal's worker-address.ts). */
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
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types worker-address",
  ].join("; ");
const MEMBER_POLICY = policy("'none'");
/** A large file is saved through a frame, which the saving worker answers. Nothing that the server answers lets itself be framed. */
const RECIPIENT_POLICY = policy("'self'");

/** A worker has the policy of its own file, not the page's: it may load our scripts and WebAssembly, and speak to nobody. */
const SCRIPT_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
/** But for the one that uploads, and reads the files that were chosen by addresses of its own (`blob:`). */
const UPLOAD_WORKER = /^assets\/upload-worker-[\w-]+\.js$/;
const UPLOAD_POLICY = `${SCRIPT_POLICY}; connect-src 'self' blob:`;
/** What that one asks for may be answered by another, outside the folder of its own file (Service Workers, scope). */
const READING_WORKER = "reading/worker.js";
const READING_SCOPE = { "service-worker-allowed": "/assets/upload-worker-" };

interface PageFile {
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** As the build compressed it; null where that is not worth it. Answers of the API stay as they are (BREACH). */
  readonly brotli: Buffer | null;
}

/**
 * No cache of a shared device is to list a link's address. And no browser puts a page aside for its back button: it would come back after
 * the sign-out, and one that was just opening IndexedDB keeps that from every later page (seen in Chromium 156).
 */
const PAGE_CACHE = "no-store";

interface PageAnswer {
  readonly contentPolicy: string;
  readonly status?: number;
}

/** Sends the file, compressed where the browser takes that. */
function sendFile({ bytes, brotli, mediaType }: PageFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.headers({ "content-type": mediaType, vary: "accept-encoding" });
  if (brotli === null || !takesBrotli(request.headers["accept-encoding"])) return reply.send(bytes);
  return reply.header("content-encoding", "br").send(brotli);
}

/** Path from the root of `folder`, with slashes, to its content. */
async function readFolder(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = new Set(
    entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name)),
  );
  for (const path of paths) {
    const mediaType = MEDIA_TYPES[extname(path)];
    if (mediaType === undefined) continue;
    const brotli = paths.has(`${path}.br`) ? await readFile(`${path}.br`) : null;
    files.set(relative(folder, path).split(sep).join("/"), { bytes: await readFile(path), brotli, mediaType });
  }
  return files;
}

/** Pages of the member's entry; it shows "not found" for any other path. */
const MEMBER_PATHS = [
  "/",
  "/send",
  "/setup",
  "/audit",
  "/history",
  "/certificate",
  "/members",
  "/join",
  "/sign-in",
  "/tokens",
  "/account",
  "/mailbox",
];

export async function registerPages(
  app: FastifyInstance,
  { folder, origin }: { folder: string; origin: () => string },
): Promise<void> {
  const files = await readFolder(folder);
  const page =
    (name: string, { contentPolicy, status = 200 }: PageAnswer) =>
    (request: FastifyRequest, reply: FastifyReply) => {
      // One name for one instance: cookies, passkeys and the addresses of blobs are bound to it. The fragment comes along.
      if (!origin().endsWith(`//${request.headers.host ?? ""}`)) return reply.redirect(origin() + request.url, 307);
      const file = files.get(name);
      if (file === undefined) throw requestProblem("request/unknown-path");
      void reply.code(status).headers({ "content-security-policy": contentPolicy, "cache-control": PAGE_CACHE });
      return sendFile(file, request, reply);
    };
  const members = page("index.html", { contentPolicy: MEMBER_POLICY });
  for (const path of MEMBER_PATHS) app.get(path, members);
  app.get("/r/:grant", page("receive.html", { contentPolicy: RECIPIENT_POLICY }));
  const notFound = page("index.html", { contentPolicy: MEMBER_POLICY, status: 404 });
  app.get("/*", (request, reply) => {
    const path = (request.params as { "*": string })["*"];
    const file = files.get(path);
    if (file === undefined || path.endsWith(".html")) {
      if (isForPerson(request, path)) return notFound(request, reply);
      throw requestProblem("request/unknown-path");
    }
    // Names under assets/ carry a hash of their content.
    const cacheControl = path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    const ofScript = UPLOAD_WORKER.test(path) ? UPLOAD_POLICY : SCRIPT_POLICY;
    const scriptPolicy = path.endsWith(".js") ? { "content-security-policy": ofScript } : {};
    const scope = path === READING_WORKER ? READING_SCOPE : {};
    void reply.headers({ "cache-control": cacheControl, ...scriptPolicy, ...scope });
    return sendFile(file, request, reply);
  });
}

/** A person who typed or followed an address gets a page; a program gets a problem document. */
function isForPerson(request: FastifyRequest, path: string): boolean {
  return (request.headers.accept ?? "").includes("text/html") && !/^(?:api|assets|blobs|ledger)(?:\/|$)/.test(path);
}
