/** TLS of the server itself (1.2 or newer), with a certificate that may be renewed while it runs. */
import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { createSecureContext, type SecureContextOptions, type Server as TlsServer } from "node:tls";
import type { TlsFiles } from "../configuration/read-configuration.ts";

type Pair = Pick<TlsFiles, "certificate" | "key">;

export const secureOptions = ({ certificate, key }: Pair): SecureContextOptions => ({
  cert: certificate,
  key,
  minVersion: "TLSv1.2",
});

/**
 * Looks at the files again with each call: what a renewal has put there is taken over, and true is answered. Connections that are open
 * keep what they have. Rejects for a pair that does not fit together, as in the middle of a renewal, and leaves the one in use.
 */
export function certificateFollower(server: Server, files: TlsFiles): () => Promise<boolean> {
  let inUse: Pair = files;
  return async () => {
    const [certificate, key] = await Promise.all([
      readFile(files.certificateFile, "utf8"),
      readFile(files.keyFile, "utf8"),
    ]);
    if (certificate === inUse.certificate && key === inUse.key) return false;
    // Throws where the key is not the certificate's.
    createSecureContext(secureOptions({ certificate, key }));
    (server as unknown as TlsServer).setSecureContext(secureOptions({ certificate, key }));
    inUse = { certificate, key };
    return true;
  };
}
