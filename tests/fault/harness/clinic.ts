/**
 * A running clinic and what it was told. Every act is done through the real API by the clients' own code; what was
 * acknowledged is written down here, outside, and is what the checks hold the instance to.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isProblem } from "@safeconduct/foundation";
import {
  confirmedSession,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
} from "@safeconduct/testkit";
import { contentOf, openFromHere, sendFromHere } from "../../integration/api-sender.ts";
import { isDead } from "./system-calls.ts";

type Fetch = typeof globalThis.fetch;

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const REFUSALS: ReadonlySet<string> = new Set(["grant/unavailable", "grant/session-required", "grant/not-yet"]);

/** One transfer to one recipient, as its sender and its recipient know it. */
export interface Known {
  readonly transfer: string;
  readonly grant: string;
  readonly link: string;
  readonly content: Uint8Array<ArrayBuffer>;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** 0 sets none. */
  readonly releaseCap: number;
  session: string | null;
  /** `asked`: nobody knows whether it came through; `told`: the server said so. */
  revocation: "none" | "asked" | "told";
  /** Openings that gave the files, each with a key of its own. */
  openings: number;
}

export interface SendingOf {
  readonly sizeBytes: number;
  readonly lifeMs: number;
  readonly releaseCap: number;
  readonly fetch?: Fetch;
}

export class Clinic {
  readonly root: string;
  readonly config: string;
  readonly known: Known[] = [];
  instance: RunningInstance;
  readonly #args: readonly string[];
  readonly #token: string;

  private constructor(root: string, instance: RunningInstance, args: readonly string[], token: string) {
    this.root = root;
    this.config = join(root, "config");
    this.instance = instance;
    this.#args = args;
    this.#token = token;
  }

  /** Sets an instance up in `root`/home. `args` go to every start of the server. */
  static async begin(root: string, args: readonly string[]): Promise<Clinic> {
    const instance = await startInstance({ home: join(root, "home"), args });
    const { apiToken } = await setUp(instance, join(root, "config"));
    return new Clinic(root, instance, args, apiToken);
  }

  /** The same clinic in a copy of its folders, not yet started. */
  copyAt(root: string): Clinic {
    const copy = new Clinic(root, { ...this.instance, home: join(root, "home") }, this.#args, this.#token);
    copy.known.push(...this.known.map((known) => ({ ...known })));
    return copy;
  }

  get home(): string {
    return this.instance.home;
  }

  get isUp(): boolean {
    const { exitCode, signalCode } = this.instance.process;
    return exitCode === null && signalCode === null;
  }

  async start(): Promise<void> {
    this.instance = await startInstance({ home: this.home, port: this.instance.port, args: this.#args });
  }

  /** Starts the server again when it has ended, and waits for its key service. */
  async ensureUp(): Promise<void> {
    const { process } = this.instance;
    // Killed in a write that its disk still does, it is dead a while before it has ended and anybody hears of it.
    if (this.isUp && isDead(process.pid ?? 0)) await once(process, "exit");
    if (!this.isUp) await this.start();
    await this.#until(() => this.instance.keyService() !== 0);
  }

  async end(): Promise<void> {
    if (this.isUp) await this.instance.stop();
    await removeFolder(this.root);
  }

  /** Sends one file to one recipient. Resolves once the server acknowledged the seal. */
  async send({ sizeBytes, lifeMs, releaseCap, fetch }: SendingOf): Promise<Known> {
    const content = new Uint8Array(randomBytes(sizeBytes));
    const sent = await sendFromHere({
      config: this.config,
      content,
      address: RECIPIENT,
      lifeMs,
      releaseCap,
      ...(fetch ? { fetch } : {}),
    });
    const { transfer, notAfter, links } = sent;
    const { grant = "", link = "" } = links[0] ?? {};
    const known: Known = {
      transfer,
      grant,
      link,
      content,
      notAfter,
      releaseCap,
      session: null,
      revocation: "none",
      openings: 0,
    };
    this.known.push(known);
    return known;
  }

  async confirm(known: Known): Promise<void> {
    known.session = await confirmedSession(this.instance, { grant: known.grant, address: RECIPIENT });
  }

  /** `opened`: the same bytes came out. `refused`: a stranger could not tell why. Anything else is thrown. */
  async open(known: Known, fetch?: Fetch): Promise<"opened" | "refused"> {
    if (known.session === null) throw new Error("nobody has confirmed this address");
    try {
      const { link, session } = known;
      const opened = await openFromHere({ link, session, ...(fetch ? { fetch } : {}) });
      const bytes = await contentOf(opened);
      if (!bytes.equals(known.content)) throw new Error(`${known.transfer} opened to other bytes`);
      known.openings++;
      return "opened";
    } catch (error) {
      if (isProblem(error) && REFUSALS.has(error.code)) return "refused";
      throw error;
    }
  }

  /** Once, without trying again: `told` when the server acknowledged it. */
  async revoke(known: Known): Promise<void> {
    if (known.revocation === "none") known.revocation = "asked";
    const response = await this.#asMember("POST", `${known.transfer}/revocation`);
    // 409: it has ended already.
    if (response !== null && (response.ok || response.status === 409)) known.revocation = "told";
  }

  /** What the sender is shown, or null while the server does not answer. */
  async shown(known: Known): Promise<{ state: string; grants: { state: string; releases: number }[] } | null> {
    const response = await this.#asMember("GET", known.transfer);
    return response?.ok
      ? ((await response.json()) as { state: string; grants: { state: string; releases: number }[] })
      : null;
  }

  /** The sender's command line, which remembers the last checkpoint that it saw. */
  async logHolds(): Promise<string | null> {
    const { exitCode, errors } = await runCli(["log", "verify", "--json"], { config: this.config });
    return exitCode === 0 ? null : errors.trim();
  }

  #asMember(method: string, path: string): Promise<Response | null> {
    const headers = { authorization: `Bearer ${this.#token}` };
    return fetch(`${this.instance.portal}api/v1/transfers/${path}`, { method, headers }).catch(() => null);
  }

  async #until(holds: () => boolean): Promise<void> {
    for (let tries = 0; tries < 400 && !holds(); tries++) await sleep(25);
  }
}
