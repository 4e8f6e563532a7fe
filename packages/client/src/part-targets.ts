/** Where parts are put: short-lived URLs, asked for some parts at a time, because one question a part costs as much as a small part. */
import type { PackagePart } from "@safeconduct/envelope";
import type { routes } from "@safeconduct/contract";
import type { TransferId } from "@safeconduct/foundation";
import { clientProblem } from "./errors.ts";
import type { ClientPorts } from "./ports.ts";

/** Bytes of parts that one question covers: on a slow line a URL must not end before its turn comes. */
const ASK_BYTES = 64 * 1024 * 1024;

type PartTarget = (typeof routes.partTargets.answer)["_output"]["targets"][number];

export class PartTargets {
  private readonly ports: ClientPorts;
  private readonly transfer: TransferId;
  private readonly parts: readonly Pick<PackagePart, "number" | "sizeBytes">[];
  private readonly known = new Map<number, PartTarget>();

  /** `parts` in the order of their numbers from 1. */
  constructor(ports: ClientPorts, transfer: TransferId, parts: readonly Pick<PackagePart, "number" | "sizeBytes">[]) {
    this.ports = ports;
    this.transfer = transfer;
    this.parts = parts;
  }

  /** Each target is given once: whoever has to put a part again gets a fresh one. */
  async take(number: number, signal: AbortSignal): Promise<PartTarget> {
    if (!this.known.has(number)) await this.ask(number, signal);
    const target = this.known.get(number);
    if (target === undefined) throw clientProblem("client/damaged-transfer");
    this.known.delete(number);
    return target;
  }

  private async ask(first: number, signal: AbortSignal): Promise<void> {
    let sum = 0;
    const parts = [];
    for (const { number, sizeBytes } of this.parts.slice(first - 1)) {
      sum += sizeBytes;
      if (parts.length > 0 && sum > ASK_BYTES) break;
      parts.push({ number, sizeBytes });
    }
    const { targets } = await this.ports.api.call("partTargets", {
      path: { transfer: this.transfer },
      body: { parts },
      signal,
    });
    for (const target of targets) this.known.set(target.number, target);
  }
}
