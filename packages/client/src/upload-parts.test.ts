import { createHash } from "node:crypto";
import type { BegunPart, PackagePlan } from "@safeconduct/envelope";
import { base64UrlText, type Bytes, copyBytes } from "@safeconduct/foundation";
import { aTransferId } from "@safeconduct/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { clientProblem } from "./errors.ts";
import type { ClientPorts } from "./ports.ts";
import { uploadParts } from "./upload-parts.ts";

const MEBIBYTE = 2 ** 20;
/** With the header of the object that begins in it. */
const PART_BYTES = 8 * MEBIBYTE + 74;
const sha256 = (bytes: Uint8Array): Bytes => copyBytes(createHash("sha256").update(bytes).digest());

/** A server that answers when it is told to, and a place beside the memory that counts what lies in it. */
class Scene {
  readonly memories = new Set<Bytes>();
  readonly stored = new Map<number, string>();
  readonly bodies: unknown[] = [];
  aside = 0;
  mostAside = 0;
  putting = 0;
  mostPutting = 0;
  begun = 0;
  refuse = false;
  private readonly open: (() => void)[] = [];

  readonly ports = {
    api: {
      call: async (_: string, { body }: { body: { parts: { number: number }[] } }) => ({
        targets: body.parts.map(({ number }) => ({ number, url: `/${number}`, method: "PUT", headers: {} })),
      }),
    },
    wait: async () => undefined,
    fetch: (url: string, { body }: { body: Bytes | Blob }) => this.take(Number(url.slice(1)), body),
  } as unknown as ClientPorts;

  readonly putAside = async (bytes: Bytes) => {
    this.mostAside = Math.max(this.mostAside, ++this.aside);
    return { body: new Blob([bytes]), release: () => this.aside-- };
  };

  private async take(number: number, body: Bytes | Blob): Promise<Response> {
    this.bodies.push(body);
    this.mostPutting = Math.max(this.mostPutting, ++this.putting);
    await new Promise<void>((resolve) => this.open.push(resolve));
    this.putting--;
    if (this.refuse) throw clientProblem("client/damaged-transfer");
    const bytes = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body;
    const digest = base64UrlText(sha256(bytes));
    this.stored.set(number, digest);
    return Response.json({ number, sizeBytes: bytes.length, sha256: digest });
  }

  /** Lets whatever can go on by itself do so. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  async answerAll(): Promise<void> {
    for (let round = 0; round < 50; round++) {
      for (const answer of this.open.splice(0)) answer();
      await this.settle();
    }
  }

  readonly beginPart = async (number: number, memory: Bytes): Promise<BegunPart> => {
    this.begun = number;
    this.memories.add(memory);
    const bytes = memory.fill(number);
    const record = { number, sizeBytes: bytes.length, sha256: sha256(bytes), proof: new Uint8Array(32) };
    return { bytes, record: Promise.resolve(record) };
  };

  storedParts(): readonly string[] {
    return [...this.stored].toSorted(([a], [b]) => a - b).map(([, digest]) => digest);
  }

  upload(ports: Partial<ClientPorts> = {}, sizeBytes = PART_BYTES, count = 12): Promise<void> {
    const parts = Array.from({ length: count }, (_, position) => ({ number: position + 1, sizeBytes }));
    const plan = { parts, blobLengthBytes: count * sizeBytes } as unknown as PackagePlan;
    const order = { transfer: aTransferId(), plan, beginPart: this.beginPart };
    return uploadParts({ ...this.ports, ...ports }, order, {});
  }
}

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

const wholeParts = (count: number) =>
  Array.from({ length: count }, (_, at) => base64UrlText(sha256(new Uint8Array(PART_BYTES).fill(at + 1))));

describe("parts on their way", () => {
  it("stay in their memory until they are stored, four at a time", async () => {
    const done = scene.upload();
    await scene.settle();
    expect(scene.begun).toBe(4);
    await scene.answerAll();
    await done;
    expect(scene.memories.size).toBe(4);
    expect(scene.storedParts()).toEqual(wholeParts(12));
  });

  it("leave their memory to the next where there is a place beside it, and no more go at once for that", async () => {
    const done = scene.upload({ putAside: scene.putAside });
    await scene.settle();
    expect(scene.begun).toBe(8);
    expect(scene.mostPutting).toBe(4);
    await scene.answerAll();
    await done;
    expect(scene.mostPutting).toBe(4);
    expect(scene.mostAside).toBe(8);
    expect(scene.memories.size).toBeLessThanOrEqual(4);
    expect(scene.bodies.every((body) => body instanceof Blob)).toBe(true);
    expect(scene.storedParts()).toEqual(wholeParts(12));
    expect(scene.aside).toBe(0);
  });

  it("go as bytes from the one on for which there was no place any more", async () => {
    let places = 3;
    const done = scene.upload({ putAside: async (bytes) => (places-- > 0 ? scene.putAside(bytes) : null) });
    await scene.settle();
    await scene.answerAll();
    await done;
    expect(scene.bodies.map((body) => body instanceof Blob).filter(Boolean)).toHaveLength(3);
    expect(scene.storedParts()).toEqual(wholeParts(12));
  });

  it("are one at a time where they are large", async () => {
    const done = scene.upload({}, 24 * MEBIBYTE, 3);
    await scene.settle();
    expect(scene.begun).toBe(1);
    await scene.answerAll();
    await done;
    expect(scene.memories.size).toBe(1);
  });

  it("leave nothing aside after a failure, which ends it", async () => {
    scene.refuse = true;
    const [outcome] = await Promise.allSettled([scene.upload({ putAside: scene.putAside }), scene.answerAll()]);
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "client/damaged-transfer" } });
    expect(scene.begun).toBeLessThan(12);
    expect(scene.aside).toBe(0);
  });
});
