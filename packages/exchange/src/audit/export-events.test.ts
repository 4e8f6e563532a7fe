import { nodeCrypto } from "@safeconduct/crypto-node";
import { base64Bytes, leafHash } from "@safeconduct/foundation";
import {
  commitEvent,
  canonicalJsonBytes,
  decodeLeaf,
  type JsonObject,
  openCheckpoint,
  verifyInclusion,
} from "@safeconduct/ledger";
import { cheapCrypto, type Desk, ExchangeScene, known, outcomeOf, sealedTransfer } from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import { exportEvents, type ExportFormat } from "./export-events.ts";
import type { AuditQuestion } from "./question.ts";

const crypto = cheapCrypto(nodeCrypto());
const ANYTHING: AuditQuestion = {
  question: "search",
  person: null,
  recipientOrganisation: null,
  transfer: null,
  from: null,
  to: null,
  group: null,
  outcome: null,
  id: null,
};
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  await sealedTransfer(scene, desk, { recipients: [{ address: "anna@north.example", name: "=cmd|' /C calc'!A0" }] });
});

async function exported(format: ExportFormat, asked: Partial<AuditQuestion> = {}, limit?: number): Promise<string> {
  const ledger = {
    size: scene.ledger.size,
    readTile: (path: string) => scene.tiles.readTile(path),
    checkpointCovering: async () => ({ size: scene.ledger.size, text: scene.ledger.checkpointText }),
  };
  const pieces = await exportEvents({ ...scene.deps, ledger }, desk.caller, {
    asked: { ...ANYTHING, ...asked },
    format,
    ...(limit === undefined ? {} : { limit }),
  });
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

interface ExportedEntry {
  readonly index: number;
  readonly event: JsonObject;
  readonly salt: string;
  readonly leaf: string;
  readonly proof: readonly string[];
}

test("every entry of the JSON is proven by the checkpoint beside it", async () => {
  const file = JSON.parse(await exported("json"));
  expect(file).toMatchObject({ format: "safeconduct-audit-export", version: 1, complete: true });
  const opened = known(await openCheckpoint(crypto.signatures, file.checkpoint, { logKey: scene.logKey }));
  expect((file.entries as readonly ExportedEntry[]).map(({ event }) => event["type"])).toEqual(
    (await scene.entries()).toReversed(),
  );
  for (const { index, event, salt, leaf, proof } of file.entries as readonly ExportedEntry[]) {
    const leafBytes = known(base64Bytes(leaf));
    const hashes = proof.map((text) => known(base64Bytes(text)));
    const { size, root } = opened.checkpoint;
    const claim = { leafHash: leafHash(crypto.sha256, leafBytes), index, size, root, proof: hashes };
    expect(verifyInclusion(crypto.sha256, claim)).toBe(true);
    const commitment = commitEvent(crypto.sha256, known(base64Bytes(salt)), canonicalJsonBytes(event));
    expect(decodeLeaf(leafBytes).commitment).toEqual(commitment);
  }
});

test("the CSV has a row for each entry, and a recipient's name is no formula", async () => {
  const rows = (await exported("csv", { group: "sending" })).split("\r\n");
  expect(rows[0]).toMatch(/^\ufeff"entry","time","type"/u);
  expect(rows.slice(1, -1).map((row) => row.split(",")[2])).toEqual([
    '"grant/added"',
    '"transfer/sealed"',
    '"transfer/drafted"',
  ]);
  expect(rows[1]).toContain(`"anna@north.example","'=cmd|`);
});

test.each(["csv", "json"] as const)("a %s that is longer than it may be says that there was more", async (format) => {
  const all = (await scene.entries()).length;
  const said = (text: string) => (format === "csv" ? text.includes("left out") : !JSON.parse(text).complete);
  expect(said(await exported(format, { group: "sending" }, 3))).toBe(false);
  expect(said(await exported(format, { group: "sending" }, 2))).toBe(true);
  expect(all).toBeGreaterThan(2);
});

test("the export is an entry before its first byte, and nothing is sent without it", async () => {
  await exported("csv", { question: "refused", outcome: "refused" });
  expect((await scene.entries()).at(-1)).toBe("ledger/exported");
  scene.watch.before("tiles.writeTiles", () => {
    throw scene.outage("tiles");
  });
  expect(await outcomeOf(exported("csv"))).toBe("ledger/unavailable");
});
