/** The envelope in the real Chromium, on its own WebCrypto, beside node:crypto: the same bytes, the same refusals. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { removeDevice, type SendingDevice } from "@safeconduct/client";
import { base64UrlText, type Bytes, copyBytes, hexBytes } from "@safeconduct/foundation";
import { type Desk, ExchangeScene, removeFolder, sceneClient, sharedData, temporaryFolder } from "@safeconduct/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asText, fromText, type memberPasskeys as MemberPasskeys } from "./envelope-page/member-passkey.ts";
import { floeAnswer, openFromOther, sealForOther, type FloeVector, type WalkFile, walk } from "./envelope-page/walk.ts";
import { chromiumPath, launchChromium, openPage, virtualDevice, type WatchedPage } from "./portal-browser.ts";

const executable = chromiumPath();
const shared = sharedData();
const vectors = shared === null ? null : join(shared, "vectors/floe");
const names = vectors === null ? [] : readdirSync(vectors).flatMap((file) => /^(.+)_ct\.txt$/.exec(file)?.[1] ?? []);
const VITE = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));
const CONFIG = fileURLToPath(new URL("envelope-page/vite.config.ts", import.meta.url));
const node = nodeCrypto();

/** What `envelope-page/page.ts` offers. */
interface PageEnvelope {
  walk(files: readonly WalkFile[], seed: number): Promise<Record<string, string>>;
  floeAnswer(vector: FloeVector): ReturnType<typeof floeAnswer>;
  keyPair(): Promise<{ publicKey: number[]; privateKey: number[] }>;
  sealForOther(publicKey: readonly number[]): Promise<number[]>;
  openFromOther(message: Parameters<typeof openFromOther>[1]): Promise<boolean>;
}
declare const envelope: PageEnvelope;
declare const memberPasskeys: ReturnType<typeof MemberPasskeys>;

describe.skipIf(executable === null)(
  `the envelope in Chromium${executable === null ? " (skipped: no Chromium here)" : ""}`,
  () => {
    let folder: string;
    let server: Server;
    let browser: Browser;
    let watched: WatchedPage;
    let origin: string;
    beforeAll(async () => {
      folder = await temporaryFolder();
      const built = spawnSync(
        process.execPath,
        [VITE, "build", "--config", CONFIG, "--outDir", folder, "--logLevel", "error"],
        { encoding: "utf8" },
      );
      if (built.status !== 0) throw new Error(`the page could not be built: ${built.stderr}`);
      server = createServer((_, answer) => {
        answer.setHeader("content-type", "text/html").end("<!doctype html><title>envelope</title>");
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      // WebCrypto is there for localhost alone without TLS.
      origin = `http://localhost:${(server.address() as AddressInfo).port}`;
      browser = await launchChromium(executable ?? "");
      watched = await openPage(browser, origin);
      await watched.page.goto(origin);
      await watched.page.addScriptTag({ path: join(folder, "page.js") });
    });
    afterAll(async () => {
      await browser.close();
      server.close();
      await removeFolder(folder);
    });

    test("writes the same bytes as Node for the same draws: parts, headers, slot, seal, signature, link", async () => {
      const files = [0, 1, 524_255, 524_256, 524_257, 1_048_513, 9_000_000].map((sizeBytes) => ({
        path: `images/${sizeBytes}.dcm`,
        sizeBytes,
      }));
      const ours = await walk(node, files, 1);
      const theirs = await watched.page.evaluate(([list]) => envelope.walk(list, 1), [files] as const);
      expect(Object.keys(theirs)).toEqual(Object.keys(ours));
      expect(Object.keys(ours)).toContain("part 2");
      for (const [name, bytes] of Object.entries(ours)) expect(theirs[name] === bytes, name).toBe(true);
      const [one, other] = [await walk(node, files.slice(1, 2), 1), await walk(node, files.slice(1, 2), 2)];
      expect(one["part 1"] === other["part 1"], "other draws give other bytes").toBe(false);
      expect(watched.faults).toEqual([]);
    });

    test("opens what Node sealed to it, and Node what it sealed, but nothing with a bit flipped", async () => {
      const theirs = await watched.page.evaluate(() => envelope.keyPair());
      const ours = await node.hpke.generateKeyPair();
      const toThem = await sealForOther(node, theirs.publicKey);
      const toUs = await watched.page.evaluate((key) => envelope.sealForOther(key), [...ours.publicKey]);
      const open = (sealed: number[], flip: number | null) =>
        watched.page.evaluate((message) => envelope.openFromOther(message), {
          privateKey: theirs.privateKey,
          sealed,
          flip,
        });
      expect(await open(toThem, null)).toBe(true);
      expect(await openFromOther(node, { privateKey: [...ours.privateKey], sealed: toUs, flip: null })).toBe(true);
      for (const flip of [0, 100, 1087, 1088, 1120, toThem.length - 1]) {
        expect(await open(toThem, flip), `byte ${flip}`).toBe(false);
        expect(await openFromOther(node, { privateKey: [...ours.privateKey], sealed: toUs, flip })).toBe(false);
      }
    });

    describe("the member key under a passkey's PRF output", () => {
      const SALT = "safeconduct, for this test";
      let scene: ExchangeScene;
      let desk: Desk;
      let member: WatchedPage;
      let id: number[];
      let secret: number[];
      /** The page as somebody opens it anew: nothing of before is in it. */
      async function openAnew(): Promise<void> {
        await member.page.goto(origin);
        await member.page.addScriptTag({ path: join(folder, "page.js") });
      }
      const opened = async (question: { id?: number[]; salt?: string } = {}) => {
        const { organisation, member: of, keyServiceSigningKey } = desk.device;
        const owner = asText({ organisation, member: of, keyServiceSigningKey });
        const asked = { id, salt: SALT, ...question };
        return member.page.evaluate(([whose, what]) => memberPasskeys.open(whose, what), [owner, asked] as const);
      };
      const keysOf = ({ memberKeys }: SendingDevice) => memberKeys.map(({ privateKey }) => base64UrlText(privateKey));

      beforeAll(async () => {
        scene = await ExchangeScene.open({ crypto: node });
        desk = await scene.desk();
        const { api } = sceneClient(scene, { member: desk.caller });
        member = await openPage(browser, origin);
        await member.page.exposeFunction("askScene", async (name: string, options: string) =>
          JSON.stringify((await api.call(name as "memberChain", JSON.parse(options))) ?? null),
        );
        await virtualDevice(member.page, { hasPrf: true });
        await openAnew();
        id = await member.page.evaluate(() => memberPasskeys.make());
        secret = await member.page.evaluate(([sending, what]) => memberPasskeys.wrap(sending, what), [
          asText(desk.device),
          { id, salt: SALT },
        ] as const);
      });
      afterAll(() => member.close());

      test("is opened by a page that was just loaded, with nothing but the passkey; the server never has the output", async () => {
        await openAnew();
        expect(keysOf(fromText(await opened()) as SendingDevice)).toEqual(keysOf(desk.device));
        expect(secret).toHaveLength(32);
        const stored = await scene.store.read(async (view) => [
          await view.devicesOf(desk.member.id),
          await view.memberKeyWrapsOf(desk.member.id),
          await view.statementsOf(desk.member.id),
        ]);
        expect(asText(stored)).toContain(base64UrlText(desk.device.hpke.publicKey).slice(0, 40));
        expect(asText(stored)).not.toContain(base64UrlText(Uint8Array.from(secret)));
        expect(member.faults).toEqual([]);
      });

      test("stays closed to another input of the same passkey, and to another passkey", async () => {
        expect(await opened({ salt: `${SALT}!` })).toBe("client/bad-recovery-key");
        const other = await member.page.evaluate(() => memberPasskeys.make());
        expect(await opened({ id: other })).toBe("client/bad-recovery-key");
      });

      test("is opened in its next generation too, which the passkey itself makes by taking the first device out", async () => {
        const passkey = fromText(await opened()) as SendingDevice;
        const { device: after } = await removeDevice(
          sceneClient(scene, { member: desk.caller }),
          passkey,
          desk.device.device,
        );
        await openAnew();
        const again = fromText(await opened()) as SendingDevice;
        expect(again.memberKeys.map(({ generation }) => generation)).toEqual([1, 2]);
        expect(keysOf(again)).toEqual(keysOf(after));
      });
    });

    describe.skipIf(vectors === null)("on the FLOE known-answer tests (skipped where ../shared/data is absent)", () => {
      test.each(names)("%s opens, is written again, and does not open changed", async (name) => {
        const ciphertext = vectorBytes(`${name}_ct`);
        const ask = (bytes: Bytes) =>
          watched.page.evaluate((vector) => envelope.floeAnswer(vector), vectorOf(name, bytes));
        expect(await ask(ciphertext)).toEqual({
          plaintext: base64UrlText(vectorBytes(`${name}_pt`)),
          again: base64UrlText(ciphertext),
        });
        // Parameters, FLOE IV, header tag; length, IV and ciphertext of the first segment; the last tag.
        for (const at of [0, 2, 10, 41, 42, 73, 74, 78, 90, ciphertext.length - 1]) {
          const changed = copyBytes(ciphertext);
          changed[at] = (changed[at] ?? 0) ^ 1;
          expect(await ask(changed), `byte ${at}`).toBeNull();
        }
        expect(await ask(ciphertext.slice(0, -1)), "cut short").toBeNull();
        expect(await floeAnswer(node, vectorOf(name, ciphertext))).not.toBeNull();
      });
    });
  },
);

function vectorBytes(name: string): Bytes {
  const bytes = hexBytes(
    readFileSync(join(vectors ?? "", `${name}.txt`), "utf8")
      .trim()
      .toLowerCase(),
  );
  if (bytes === null) throw new Error(`${name} is not hexadecimal`);
  return bytes;
}

/** Their parameters stand in their names. */
function vectorOf(name: string, bytes: Bytes): FloeVector {
  const encryptedSegmentBytes = name.endsWith("_4K") ? 4096 : name.endsWith("_64") ? 64 : 40;
  return {
    ciphertext: base64UrlText(bytes),
    encryptedSegmentBytes,
    rotationBits: name.endsWith("_rotation") ? 2 : null,
  };
}
