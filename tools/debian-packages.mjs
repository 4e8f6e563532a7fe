// What the tests need from Debian: each package, the suites that need it, and how to see that it is there already.
// On Debian as root the missing packages are installed; elsewhere each suite that has to be skipped is named.
// Plain JavaScript on purpose: any Node from 20 on must be able to read it.
import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const POSTGRESQL_VERSIONS = "/usr/lib/postgresql";

/** `present` looks for what the suite itself will use, not for the package: a Go from elsewhere serves as well. */
const NEEDS = [
  {
    name: "postgresql",
    suites: "the database suites on PostgreSQL",
    present: () =>
      existsSync(POSTGRESQL_VERSIONS) &&
      readdirSync(POSTGRESQL_VERSIONS).some((each) => existsSync(join(POSTGRESQL_VERSIONS, each, "bin/initdb"))),
  },
  { name: "golang-go", suites: "the independent ledger verifier", present: () => onPath("go") },
  {
    name: "golang-golang-x-mod-dev",
    suites: "the independent ledger verifier",
    present: () => existsSync("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog"),
  },
  { name: "chromium", suites: "the portal in a browser", present: () => onPath("chromium") },
  {
    name: "python3-pydicom",
    suites: "round trips of Debian's DICOM files",
    present: () => existsSync("/usr/lib/python3/dist-packages/pydicom"),
  },
  {
    name: "libfaketime",
    suites: "wrong clocks",
    present: () => readdirSync("/usr/lib").some((each) => existsSync(`/usr/lib/${each}/faketime/libfaketime.so.1`)),
  },
  { name: "strace", suites: "faults at system calls", present: () => onPath("strace") },
  { name: "softhsm2", suites: "master keys in a PKCS#11 token", present: () => onPath("softhsm2-util") },
  { name: "opensc", suites: "master keys in a PKCS#11 token", present: () => onPath("pkcs11-tool") },
  { name: "age", suites: "the envelope benchmark's row for age", present: () => onPath("age") },
  {
    name: "openssh-server",
    suites: "the command line benchmark's rows for scp",
    present: () => existsSync("/usr/sbin/sshd") && onPath("scp"),
  },
  {
    name: "openssl",
    suites: "TLS of a server, and the envelope benchmark's row for openssl",
    present: () => onPath("openssl"),
  },
];

/** Installs what is missing where that is possible. Returns one line for each package that stays missing. */
export function prepareDebianPackages() {
  const missing = NEEDS.filter((need) => !need.present());
  if (missing.length === 0) return [];
  const obstacle = whyNotInstallable();
  if (obstacle === null) install(missing.map((need) => need.name));
  return missing
    .filter((need) => !need.present())
    .map((need) => `${need.suites}: ${need.name} is missing (${obstacle ?? "its installation failed"})`);
}

function whyNotInstallable() {
  if (!onPath("apt-get")) return "this is not a Debian system";
  if (process.getuid?.() !== 0) return "only root can install it";
  return null;
}

function install(names) {
  console.log(`Installing from Debian: ${names.join(", ")}`);
  withoutStartingServices(() => {
    apt("update");
    // One by one after a failure, so that a package that is gone does not cost the others.
    if (!apt("install", names)) for (const name of names) apt("install", [name]);
  });
}

/**
 * Debian starts a server as soon as it is installed. The tests run a PostgreSQL of their own and never the system's,
 * so a policy-rc.d (invoke-rc.d(8)) says no during the installation, unless the machine has one already.
 */
function withoutStartingServices(work) {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return work();
  writeFileSync(policy, "#!/bin/sh\nexit 101\n");
  chmodSync(policy, 0o755);
  try {
    return work();
  } finally {
    rmSync(policy);
  }
}

function apt(action, names = []) {
  const flags = action === "install" ? ["--yes", "--no-install-recommends"] : [];
  const { status, stderr } = spawnSync("apt-get", ["-qq", action, ...flags, ...names], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) console.error(`apt-get ${action} ended with ${status}: ${stderr.trim().split("\n").at(-1)}`);
  return status === 0;
}

function onPath(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

// By itself, before a benchmark for example: node tools/debian-packages.mjs
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const missing = prepareDebianPackages();
  for (const line of missing) console.log(line);
  process.exitCode = missing.length === 0 ? 0 : 1;
}
