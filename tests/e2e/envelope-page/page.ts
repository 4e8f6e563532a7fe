/** What the page in Chromium offers to the test: the same walk as in Node, on the browser's own ports. */
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { memberPasskeys } from "./member-passkey.ts";
import { floeAnswer, openFromOther, sealForOther, type WalkFile, walk } from "./walk.ts";

const ports = loadWebCrypto();

// The test calls it by this name; a function of a page is not seen from outside otherwise.
Object.assign(globalThis, {
  memberPasskeys: memberPasskeys(ports),
  envelope: {
    walk: async (files: readonly WalkFile[], seed: number) => walk(await ports, files, seed),
    floeAnswer: async (vector: Parameters<typeof floeAnswer>[1]) => floeAnswer(await ports, vector),
    keyPair: async () => {
      const { publicKey, privateKey } = await (await ports).hpke.generateKeyPair();
      return { publicKey: [...publicKey], privateKey: [...privateKey] };
    },
    sealForOther: async (publicKey: readonly number[]) => sealForOther(await ports, publicKey),
    openFromOther: async (message: Parameters<typeof openFromOther>[1]) => openFromOther(await ports, message),
  },
});
