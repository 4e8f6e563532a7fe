/** A certificate authority of a test's own, by the `openssl` of the system: certificates that `NODE_EXTRA_CA_CERTS` makes good. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface TlsAuthority {
  /** PEM file of the authority. */
  readonly file: string;
  /** Writes `certificate.pem` and `key.pem` for `localhost` into `folder`, in place of what is there. */
  issue(folder: string, days?: number): void;
}

const NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc";

/** Why there cannot be one here, or null. */
export const opensslMissing = (): string | null =>
  spawnSync("openssl", ["version"]).status === 0 ? null : "openssl is not installed";

export function tlsAuthority(folder: string): TlsAuthority {
  const [file, key] = [join(folder, "authority.pem"), join(folder, "authority-key.pem")];
  openssl(`req -x509 ${NEW_KEY} -days 30 -subj /CN=authority.example`, ["-keyout", key, "-out", file]);
  return {
    file,
    issue(home, days = 30) {
      const [request, extensions] = [join(folder, "request.pem"), join(folder, "extensions")];
      writeFileSync(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
      openssl(`req -new ${NEW_KEY} -subj /CN=localhost`, ["-keyout", join(home, "key.pem"), "-out", request]);
      const from = ["-in", request, "-CA", file, "-CAkey", key, "-extfile", extensions];
      openssl(`x509 -req -days ${days}`, [...from, "-out", join(home, "certificate.pem")]);
    },
  };
}

function openssl(words: string, files: readonly string[]): void {
  const { status, stderr } = spawnSync("openssl", [...words.split(" "), ...files], { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl failed: ${stderr}`);
}
