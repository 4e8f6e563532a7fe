/**
 * The device that this browser is for one member: found on the shelf, held against the chain that the server shows, enrolled, let in,
 * renewed, thrown away. All tabs share one shelf; what changes the record does so alone. No page and no browser in here.
 */
import {
  askToJoin,
  type ClientPorts,
  clientProblem,
  type DeviceOwner,
  enrolFirstDevice,
  recoverDevice,
  type SendingDevice,
  syncDevice,
  tryJoin,
} from "@safeconduct/client";
import {
  base64UrlBytes,
  equalBytes,
  isProblem,
  type MemberId,
  type OrganisationId,
  Problem,
} from "@safeconduct/foundation";
import type { DeviceShelf, Kept, KeptDevice } from "./device-shelf.ts";
import { newestDevice } from "./newest-device.ts";

/** As long as the server keeps the request (packages/exchange request-device.ts). */
export const CODE_LIFE_MS = 15 * 60 * 1000;
/** A page that waits shows that it cannot reach the server; pressing a button waits longer. */
const IMPATIENT_WAITS = 4;
const SIGNING_KEY_BYTES = 32;

/** The code on this screen, to be typed on a device that is in. */
export interface PairingCode {
  readonly printed: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export interface ReadyDevice {
  readonly state: "ready";
  readonly device: SendingDevice;
  readonly ports: ClientPorts;
  /** False where the browser may clear the device away when it runs short of space. */
  readonly lasts: boolean;
}

export type DeviceState =
  | { readonly state: "loading" }
  | ReadyDevice
  /** `first`: the member has no device at all. `code`: this browser has asked to be let in. */
  | { readonly state: "none"; readonly first: boolean; readonly code: PairingCode | null }
  /** `at`: when this browser learnt of it. */
  | { readonly state: "removed"; readonly name: string; readonly at: number; readonly code: null }
  /** `canForget`: what this browser keeps is of no use as it is; the person may throw it away and begin anew. */
  | { readonly state: "failed"; readonly problem: Problem; readonly canForget: boolean };

export interface KeeperPorts {
  readonly shelf: DeviceShelf;
  readonly client: ClientPorts;
  readonly now: () => number;
}

const FORGETTABLE: ReadonlySet<string> = new Set([
  "client/other-devices",
  "client/other-key-service",
  "portal/device-damaged",
]);

export class DeviceKeeper {
  readonly member: MemberId;
  private readonly organisation: OrganisationId;
  private readonly loadPorts: () => Promise<KeeperPorts>;
  private readonly problemOf: (thrown: unknown) => Problem;
  private readonly listeners = new Set<() => void>();
  private shown: DeviceState = { state: "loading" };
  private loaded: Promise<KeeperPorts> | null = null;
  private unwatch: (() => void) | null = null;
  private isClosed = false;
  /** The newest look; what an older one finds is not shown. */
  private looks = 0;

  constructor({
    organisation,
    member,
    loadPorts,
    problemOf,
  }: {
    organisation: OrganisationId;
    member: MemberId;
    loadPorts: () => Promise<KeeperPorts>;
    problemOf: (thrown: unknown) => Problem;
  }) {
    this.organisation = organisation;
    this.member = member;
    this.loadPorts = loadPorts;
    this.problemOf = problemOf;
  }

  readonly snapshot = (): DeviceState => this.shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Forgets what is in memory. Nothing more is shown. */
  close(): void {
    this.isClosed = true;
    this.unwatch?.();
    this.show({ state: "loading" });
  }

  /** Looks at shelf and server. What is shown stays until the answer is there. Never rejects. */
  async refresh(): Promise<void> {
    const look = ++this.looks;
    const found = await this.look().catch((thrown: unknown): DeviceState => this.failed(thrown));
    if (look === this.looks) this.show(found);
  }

  /**
   * Enrols this browser as the member's first device. `startOver`: whatever there was; what was sent before is out of reach then.
   * Where another tab or device was faster, the state says so.
   */
  begin(name: string, { startOver = false }: { startOver?: boolean } = {}): Promise<void> {
    return this.change(async (ports, owner) => {
      const { shelf, client } = ports;
      const held = await this.settled(ports);
      if (held?.kind === "device") return;
      const keep = (device: SendingDevice) => shelf.write(this.member, { kind: "device", device, name, isIn: false });
      try {
        const device = await enrolFirstDevice(client, owner, { name, startOver, keep });
        await shelf.write(this.member, { kind: "device", device, name, isIn: true });
      } catch (error) {
        if (!isProblem(error) || error.code !== "device/join-required") throw error;
        await shelf.remove(this.member);
      }
    });
  }

  /** Asks the member's other devices to let this one in. The code is in the state then, the same in every tab. */
  ask(name: string): Promise<void> {
    return this.change(async ({ shelf, client, now }, owner) => {
      const held = await shelf.read(this.member);
      if (held?.kind === "device" || (held?.kind === "joining" && now() < held.askedAt + CODE_LIFE_MS)) return;
      const joining = await askToJoin(client, owner, name);
      await shelf.write(this.member, { kind: "joining", joining, askedAt: now() });
    });
  }

  /** Looks whether somebody has typed the code. Problem `client/other-devices` when whoever let it in had not seen the code. */
  async poll(): Promise<void> {
    const ports = await this.ports();
    const { shelf, client, now } = ports;
    const changed = await shelf.alone(async () => {
      const held = await shelf.read(this.member);
      if (held?.kind !== "joining") return true;
      if (now() >= held.askedAt + CODE_LIFE_MS) {
        await shelf.remove(this.member);
        return true;
      }
      try {
        const device = await tryJoin(impatient(client), held.joining);
        if (device === null) return false;
        const { name } = held.joining;
        await shelf.write(this.member, { kind: "device", device, name, isIn: true });
        return true;
      } catch (error) {
        // Somebody is in between, or it was let in and thrown out again: this code is of no use any more.
        if (isProblem(error) && ["client/other-devices", "client/device-removed"].includes(error.code))
          await shelf.remove(this.member);
        throw error;
      }
    });
    if (changed) await this.refresh();
  }

  /** Lets this browser in by the recovery key that the member typed. Problem `client/bad-recovery-key`. */
  recover(name: string, recoveryKey: string): Promise<void> {
    return this.change(async (ports, owner) => {
      const { shelf, client } = ports;
      const held = await this.settled(ports);
      if (held?.kind === "device") return;
      const keep = (device: SendingDevice) => shelf.write(this.member, { kind: "device", device, name, isIn: false });
      const device = await recoverDevice(client, owner, { recoveryKey, name, keep });
      await shelf.write(this.member, { kind: "device", device, name, isIn: true });
    });
  }

  /** Keeps what the device learnt from a change that a page made with it. */
  async keep(device: SendingDevice): Promise<void> {
    const { shelf } = await this.ports();
    await shelf.alone(() => this.keepAlone(shelf, device));
    await this.refresh();
  }

  /** Throws away what this browser keeps. */
  async forget(): Promise<void> {
    const { shelf } = await this.ports();
    await shelf.alone(() => shelf.remove(this.member));
    await this.refresh();
  }

  private async look(): Promise<DeviceState> {
    const ports = await this.ports();
    const { shelf, now } = ports;
    const held = await shelf.read(this.member);
    if (held?.kind === "device" && !held.isIn) {
      const settled = await shelf.alone(() => this.settled(ports));
      return settled?.kind === "device" ? this.open(ports, settled) : this.none(ports, null);
    }
    if (held?.kind === "device") return this.open(ports, held);
    if (held?.kind === "removed") return { state: "removed", name: held.name, at: held.at, code: null };
    const until = held === null ? 0 : held.askedAt + CODE_LIFE_MS;
    return this.none(ports, held !== null && now() < until ? { printed: held.joining.printedCode, until } : null);
  }

  private async none({ client }: KeeperPorts, code: PairingCode | null): Promise<DeviceState> {
    const { statements } = await client.api.call("memberChain");
    return { state: "none", first: statements.length === 0, code };
  }

  /** The device held against what the server shows now, and kept if that was news. */
  private async open({ shelf, client, now }: KeeperPorts, { device: held, name }: KeptDevice): Promise<DeviceState> {
    const { keyServiceSigningKey } = await this.owner(client);
    if (!equalBytes(held.keyServiceSigningKey, keyServiceSigningKey)) throw clientProblem("client/other-key-service");
    try {
      const { device } = await syncDevice(impatient(client), held);
      if (device.chain.position !== held.chain.position) await shelf.alone(() => this.keepAlone(shelf, device));
      return { state: "ready", device, ports: client, lasts: await shelf.lasts() };
    } catch (error) {
      if (!isProblem(error) || error.code !== "client/device-removed") throw error;
      // Another device of the member signed the removal, so no server can bring this about by itself.
      const at = now();
      await shelf.alone(() => shelf.write(this.member, { kind: "removed", name, at }));
      return { state: "removed", name, at, code: null };
    }
  }

  private async keepAlone(shelf: DeviceShelf, device: SendingDevice): Promise<void> {
    const held = await shelf.read(this.member);
    // Thrown away, or begun anew, in another tab: that one has the last word.
    if (held?.kind !== "device" || held.device.device !== device.device) return;
    await shelf.write(this.member, { ...held, device: newestDevice(held.device, device), isIn: true });
  }

  /** What is kept, after an enrolment that was interrupted is known to have been heard by the server or not. Alone. */
  private async settled({ shelf, client }: KeeperPorts): Promise<Kept | null> {
    const held = await shelf.read(this.member);
    if (held?.kind !== "device" || held.isIn) return held;
    const { statements } = await client.api.call("memberChain");
    const synced = statements.length === 0 ? null : await syncedOrNull(impatient(client), held.device);
    if (synced === null) {
      await shelf.remove(this.member);
      return null;
    }
    const settled = { ...held, device: synced, isIn: true };
    await shelf.write(this.member, settled);
    return settled;
  }

  /** Runs a change alone, shows what came of it, and passes its problem on. */
  private async change(work: (ports: KeeperPorts, owner: DeviceOwner) => Promise<void>): Promise<void> {
    const ports = await this.ports();
    try {
      const owner = await this.owner(ports.client);
      await ports.shelf.askToLast();
      await ports.shelf.alone(() => work(ports, owner));
    } finally {
      await this.refresh();
    }
  }

  private async owner({ api }: ClientPorts): Promise<DeviceOwner> {
    const { keyService } = await api.call("instance");
    const keyServiceSigningKey = base64UrlBytes(keyService.signingPublicKey);
    if (keyServiceSigningKey?.length !== SIGNING_KEY_BYTES)
      throw new Problem("http/unreadable", "The server's answer could not be understood. Try again in a moment.");
    return { organisation: this.organisation, member: this.member, keyServiceSigningKey };
  }

  private ports(): Promise<KeeperPorts> {
    this.loaded ??= this.loadPorts().then((ports) => {
      if (!this.isClosed) this.unwatch = ports.shelf.watch(() => void this.refresh());
      return ports;
    });
    this.loaded.catch(() => {
      this.loaded = null;
    });
    return this.loaded;
  }

  private failed(thrown: unknown): DeviceState {
    const problem = this.problemOf(thrown);
    return { state: "failed", problem, canForget: FORGETTABLE.has(problem.code) };
  }

  private show(state: DeviceState): void {
    this.shown = this.isClosed ? { state: "loading" } : state;
    for (const listener of this.listeners) listener();
  }
}

/** Gives up after some seconds: somebody looks at a page that says it is loading. */
function impatient(client: ClientPorts): ClientPorts {
  let waits = 0;
  return {
    ...client,
    wait(milliseconds, signal) {
      if (++waits > IMPATIENT_WAITS)
        return Promise.reject(
          new Problem("http/unreachable", "The server cannot be reached. Check the connection and try again."),
        );
      return client.wait(milliseconds, signal);
    },
  };
}

async function syncedOrNull(client: ClientPorts, device: SendingDevice): Promise<SendingDevice | null> {
  try {
    return (await syncDevice(client, device)).device;
  } catch (error) {
    if (isProblem(error) && ["client/other-devices", "client/device-removed"].includes(error.code)) return null;
    throw error;
  }
}
