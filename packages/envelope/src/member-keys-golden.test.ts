import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { hexBytes } from "@safeconduct/foundation";
import { known } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";
import { openHolderKeys } from "./holder-keys.ts";
import { activeHolders, newestMemberKey, verifyMemberChain } from "./member-chain.ts";
import { openMemberKey } from "./member-key.ts";
import { verifyMemberRequest } from "./member-request.ts";
import { decodeStatement, encodeStatement } from "./member-statement.ts";
import { proveApproval, provePairing } from "./pairing.ts";
import { parsePrintedSecret } from "./printed-secret.ts";

/** Bytes are spelled in hexadecimal; ids and names are not. */
function golden(name: string): unknown {
  const path = fileURLToPath(new URL(`../../../vectors/member-keys/v1/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, "utf8"), (_key, value: unknown) => {
    const bytes =
      typeof value === "string" && value.length >= 24 && /^([0-9a-f]{2})+$/.test(value) ? hexBytes(value) : null;
    return bytes ?? value;
  });
}

type First<F> = F extends (ports: never, given: infer G) => unknown ? G : never;
const chain = golden("chain") as {
  organisation: Parameters<typeof verifyMemberChain>[1]["organisation"];
  member: Parameters<typeof verifyMemberChain>[1]["member"];
  statements: Parameters<typeof verifyMemberChain>[2];
  memberKeys: Uint8Array[];
  holders: Record<"first" | "laptop" | "paper", string>;
};
const keys = golden("keys") as {
  holder: First<typeof openHolderKeys> & { keys: unknown };
  sealedHolderKeys: First<typeof openHolderKeys>["sealed"];
  recoveryKey: string;
  device: First<typeof openMemberKey>;
  memberKey: { publicKey: First<typeof openMemberKey>["memberPublicKey"] };
  sealedMemberKey: First<typeof openMemberKey>["sealed"];
};
const pairing = golden("pairing") as {
  code: Parameters<typeof provePairing>[1];
  printed: string;
  request: Parameters<typeof provePairing>[2];
  requestProof: Uint8Array;
  approval: Parameters<typeof proveApproval>[2];
  approvalProof: Uint8Array;
};
const asked = golden("request") as First<typeof verifyMemberRequest>;

describe.each([
  ["Node", nodeCrypto()],
  ["the browser's WebCrypto", await loadWebCrypto()],
])("golden files of member keys, version 1, with %s", (_, crypto) => {
  test("the chain is verified and read as it was", async () => {
    const { holders, memberKeys, statements } = chain;
    const verified = known(await verifyMemberChain(crypto, chain, statements));
    expect(activeHolders(verified).map(({ id }) => id)).toEqual([holders.laptop, holders.paper]);
    expect(verified.holders.size).toBe(3);
    expect(newestMemberKey(verified)).toEqual({ generation: 2, publicKey: memberKeys[1] });
    for (const { statement } of statements) expect(encodeStatement(decodeStatement(statement))).toEqual(statement);
  });

  test("sealed keys open", async () => {
    expect(await openHolderKeys(crypto, { ...keys.holder, sealed: keys.sealedHolderKeys })).toEqual(keys.holder.keys);
    const { publicKey: memberPublicKey } = keys.memberKey;
    const opened = await openMemberKey(crypto, { ...keys.device, sealed: keys.sealedMemberKey, memberPublicKey });
    expect(opened).toEqual(keys.memberKey);
  });

  test("proofs, printed secrets and the signed request hold", async () => {
    expect(await provePairing(crypto, pairing.code, pairing.request)).toEqual(pairing.requestProof);
    expect(await proveApproval(crypto, pairing.code, pairing.approval)).toEqual(pairing.approvalProof);
    expect(parsePrintedSecret(crypto.sha256, "pairing-code", pairing.printed)).toEqual(pairing.code);
    expect(parsePrintedSecret(crypto.sha256, "recovery-key", keys.recoveryKey)).toEqual(keys.holder.secret);
    expect(await verifyMemberRequest(crypto, asked)).toBe(true);
  });
});
