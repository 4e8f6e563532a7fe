/**
 * `scp` against an `sshd` of our own on a free port of this computer, with keys that are thrown away afterwards: what
 * people use today to move a large file, encrypted on the way and readable at both ends.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Debian's path; sshd wants to be started by its absolute name. */
const SSHD = "/usr/sbin/sshd";
/** Where sshd keeps its empty folder for the separation of privileges; it makes it at boot, which containers have not. */
const SEPARATION_FOLDER = "/run/sshd";
const READY_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 20;

export interface ScpPeer {
  /** Copies the file to the server's folder under `name`. Throws when scp fails. */
  upload(path: string, name: string): void;
  download(name: string, path: string): void;
  stop(): void;
}

/** Null where OpenSSH is not installed or does not start. */
export async function startScpPeer(): Promise<ScpPeer | null> {
  if (!existsSync(SSHD) || spawnSync("scp", []).error !== undefined) return null;
  if (process.getuid?.() === 0) mkdirSync(SEPARATION_FOLDER, { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(join(tmpdir(), "safeconduct-scp-"));
  const key = (name: string) => {
    const path = join(folder, name);
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
    return path;
  };
  const hostKey = key("host");
  const userKey = key("user");
  const port = await freePort();
  const config = join(folder, "sshd_config");
  writeFileSync(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${userKey}.pub`,
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin prohibit-password",
      "Subsystem sftp internal-sftp",
      "",
    ].join("\n"),
  );
  const server = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: "ignore" });
  const stop = () => {
    server.kill();
    rmSync(folder, { recursive: true });
  };
  const options = ["-q", "-P", `${port}`, "-i", userKey, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"];
  const trust = ["-o", "StrictHostKeyChecking=no", "-o", `UserKnownHostsFile=${join(folder, "known")}`, "-F", "none"];
  const copy = (from: string, to: string) => {
    const { status, stderr } = spawnSync("scp", [...options, ...trust, from, to], { encoding: "utf8" });
    if (status !== 0) throw new Error(`scp ended with ${status}: ${stderr}`);
  };
  const remote = (name: string) => `${userInfo().username}@127.0.0.1:${join(folder, name)}`;
  if (await answers(port)) {
    return {
      upload: (path, name) => copy(path, remote(name)),
      download: (name, path) => copy(remote(name), path),
      stop,
    };
  }
  stop();
  return null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function answers(port: number): Promise<boolean> {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (open) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}
