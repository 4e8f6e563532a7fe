/** The folder of a stopped instance, checked by what an operator has: `safeconduct fsck`. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Clinic } from "./clinic.ts";

const FSCK = fileURLToPath(new URL("../../../tools/safeconduct.mjs", import.meta.url));
const CLEAN = 0;

/** Anything but clean is a loss: what a fault left lying, the next start must have cleared away. */
export async function folderLosses({ home }: Clinic): Promise<readonly string[]> {
  const child = spawn(process.execPath, [FSCK, "fsck", "--home", home], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return exitCode === CLEAN ? [] : [`fsck ended with ${exitCode}: ${said.trim().replaceAll("\n", " | ")}`];
}
