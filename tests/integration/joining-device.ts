/** A computer that joins a member's devices through the command line, and somebody who lets it in. */
import { runCli } from "@safeconduct/testkit";

/** Starts to join, and lets `approve` have the code that is shown, once. `config` is the new device's folder. */
export function joinWithCode(
  origin: string,
  {
    config,
    name,
    token,
    approve,
  }: { config: string; name: string; token: string; approve: (code: string) => Promise<unknown> },
) {
  let approved: Promise<unknown> | null = null;
  return runCli(["login", origin, "--join", "--device", name, "--json"], {
    config,
    answer: async () => token,
    onStart: (child) => {
      let errors = "";
      child.stderr?.on("data", (chunk: Buffer) => {
        errors += chunk.toString("utf8");
        const code = /^ {2}((?:[0-9A-Z]{6}-){3}[0-9A-Z]{6})$/m.exec(errors)?.[1];
        if (code !== undefined) approved ??= approve(code);
      });
    },
  });
}
