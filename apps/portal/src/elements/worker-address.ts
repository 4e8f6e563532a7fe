/**
 * Trusted Types (W3C): under the pages' policy this one name makes script addresses, and only those of our own workers. One rule for all of
 * them, because a name may be made once.
 */
interface ScriptAddresses {
  createScriptURL(address: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: ScriptAddresses): ScriptAddresses;
}

/** Files of the build whose name says that they are workers, and those at a fixed place. */
const OWN_WORKERS = /^\/(?:assets\/[\w-]*worker-[\w-]+\.js|(?:reading|saving)\/worker\.js)$/;

let policy: ScriptAddresses | null = null;

/** `address` as what a worker may be started from. @throws TypeError for any other than our own. */
export function workerAddress(address: string): string {
  if (!OWN_WORKERS.test(address)) throw new TypeError("not the address of a worker of ours");
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return address;
  policy ??= trustedTypes.createPolicy("worker-address", {
    createScriptURL(wanted) {
      if (!OWN_WORKERS.test(wanted)) throw new TypeError("not the address of a worker of ours");
      return wanted;
    },
  });
  return policy.createScriptURL(address);
}
