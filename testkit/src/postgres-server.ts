/**
 * A real PostgreSQL of one's own for a test: a fresh cluster in a temporary folder, reached by a Unix socket only,
 * durable as in production (fsync on). The server of the system is never touched.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

export interface PostgresServer {
  /** Options for `new pg.Pool(…)`; `host` is the folder of the socket. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  /** The same as a URL for `connectionString`. */
  readonly url: string;
  /** One statement by the owner of the server, outside of every pool; what psql prints, without headings. */
  run(statement: string, database?: string): Promise<string>;
  /** Ends the server, waits for its end and removes the cluster. Close pools first. */
  stop(): Promise<void>;
}

const DEBIAN_VERSIONS = "/usr/lib/postgresql";
/** A name for the socket file only: the server listens on no TCP port. */
const SOCKET_PORT = 5432;
const SUPERUSER = "safeconduct";
/** PostgreSQL refuses to run as root; Debian's package makes this account. */
const UNPRIVILEGED_ACCOUNT = "postgres";
const START_LIMIT_MS = 60_000;
/** After this, sessions that somebody forgot to close are ended. */
const CLOSING_LIMIT_MS = 3_000;

/** Why {@link startPostgres} cannot work here, or null when it can. For naming a skipped suite. */
export function postgresMissing(): string | null {
  if (process.platform === "win32") return "PostgreSQL tests need Unix sockets";
  if (binaries() === null) return "no PostgreSQL server binaries (Debian package postgresql)";
  if (process.getuid?.() === 0 && accountIds() === null) {
    return `running as root and there is no account ${UNPRIVILEGED_ACCOUNT} to run PostgreSQL as`;
  }
  return null;
}

/** Starts a fresh cluster; resolves when it accepts connections. */
export async function startPostgres(): Promise<PostgresServer> {
  const missing = postgresMissing();
  const folder = binaries();
  if (missing !== null || folder === null) throw new Error(missing ?? "no PostgreSQL");
  const account = process.getuid?.() === 0 ? accountIds() : null;
  // Not os.tmpdir(): a socket path is at most 107 bytes (sun_path), and a long TMPDIR would break it.
  const home = mkdtempSync("/tmp/safeconduct-pg-");
  if (account !== null) chownSync(home, account.uid, account.gid);
  const data = join(home, "data");
  // --no-sync: only the copying of the empty template skips fsync; the server itself runs with fsync on.
  const init = spawnSync(
    join(folder, "initdb"),
    ["--pgdata", data, "--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
    { ...account, cwd: home, encoding: "utf8", env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" } },
  );
  if (init.status !== 0) {
    rmSync(home, { recursive: true, force: true });
    throw new Error(`initdb failed: ${init.stderr || String(init.error)}`);
  }
  const server = spawn(
    join(folder, "postgres"),
    ["-D", data, "-k", home, "-h", "", "-p", String(SOCKET_PORT), "-c", "fsync=on", "-c", "synchronous_commit=on"],
    {
      ...account,
      cwd: home,
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" },
    },
  );
  const killWithUs = () => server.kill("SIGQUIT");
  process.once("exit", killWithUs);
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const stop = async () => {
    // Smart shutdown first: it lets connections that are just closing close, where a fast one would make them errors.
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGTERM");
    const impatience = setTimeout(() => server.kill("SIGINT"), CLOSING_LIMIT_MS);
    await ended;
    clearTimeout(impatience);
    process.off("exit", killWithUs);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await accepting(server);
  } catch (error) {
    await stop();
    throw error;
  }
  const connection = { host: home, port: SOCKET_PORT, user: SUPERUSER, database: "postgres" };
  const url = `postgresql://${SUPERUSER}@/postgres?host=${encodeURIComponent(home)}&port=${SOCKET_PORT}`;
  const psql = ["--host", home, "--username", SUPERUSER, "--no-psqlrc", "--tuples-only", "--no-align"];
  const run = async (statement: string, database = "postgres") =>
    (await promisify(execFile)(join(folder, "psql"), [...psql, "--dbname", database, "--command", statement])).stdout;
  return { connection, url, run, stop };
}

/** Newest installed version first. */
function binaries(): string | null {
  if (!existsSync(DEBIAN_VERSIONS)) return null;
  const versions = readdirSync(DEBIAN_VERSIONS).sort((a, b) => Number(b) - Number(a));
  const folder = versions.map((version) => join(DEBIAN_VERSIONS, version, "bin"));
  return folder.find((bin) => existsSync(join(bin, "postgres")) && existsSync(join(bin, "initdb"))) ?? null;
}

function accountIds(): { uid: number; gid: number } | null {
  const numbers = ["-u", "-g"].map((flag) => spawnSync("id", [flag, UNPRIVILEGED_ACCOUNT], { encoding: "utf8" }));
  const [uid, gid] = numbers.map((answer) => (answer.status === 0 ? Number(answer.stdout) : Number.NaN));
  return uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid) ? null : { uid, gid };
}

/** Waits for the line with which the server says that it is ready. Keeps reading afterwards, or the pipe would fill. */
function accepting(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const limit = setTimeout(() => reject(new Error(`PostgreSQL did not start: ${log}`)), START_LIMIT_MS);
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (log.includes(READY)) return;
      log += text;
      if (!log.includes(READY)) return;
      clearTimeout(limit);
      resolve();
    });
    server.once("exit", () => {
      clearTimeout(limit);
      reject(new Error(`PostgreSQL ended at once: ${log}`));
    });
    server.once("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
  });
}

/** The server runs with the C locale for messages, so this text does not depend on the machine's language. */
const READY = "database system is ready to accept connections";
