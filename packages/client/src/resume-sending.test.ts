import { nodeCrypto } from "@safeconduct/crypto-node";
import { planPackage, startPackage } from "@safeconduct/envelope";
import { Problem } from "@safeconduct/foundation";
import { aSending, type Desk, ExchangeScene, known, outcomeOf, sceneClient } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { parseLink } from "./link.ts";
import { openTransfer } from "./receive-transfer.ts";
import { resumeSending } from "./resume-sending.ts";
import { sendTransfer } from "./send-transfer.ts";
import type { BegunSending, OutgoingFile } from "./sending.ts";

const crypto = nodeCrypto();
/** More than a part, and its last segment ends elsewhere in each layout. */
const CONTENT = Uint8Array.from({ length: 9_000_000 }, (_, at) => (at * 31 + (at >> 11)) & 0xff);
const FILE: OutgoingFile = {
  path: "scan.dcm",
  mediaType: "application/dicom",
  sizeBytes: CONTENT.length,
  read: async (offset, length) => CONTENT.slice(offset, offset + length),
};

let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

/** What was noted of a sending whose network was lost once it was drafted. */
async function begunSending(): Promise<BegunSending> {
  const noted: BegunSending[] = [];
  const nothing = async () => undefined;
  const begun = async (sending: BegunSending) => {
    noted.push(sending);
    throw new Problem("http/unreachable", "Lost.");
  };
  const client = sceneClient(scene, { member: desk.caller });
  const notes = { begun, stored: nothing, sealing: nothing, over: nothing };
  expect(await outcomeOf(sendTransfer({ ...client, notes }, desk.device, aSending({ files: [FILE] })))).toBe(
    "http/unreachable",
  );
  return known(noted[0]);
}

const resume = (begun: BegunSending, client = sceneClient(scene, { member: desk.caller })) =>
  resumeSending(client, desk.device, { unfinished: { begun, parts: [], seal: null, read: [FILE.read] } });

/** As a client of before wrote them. */
async function earlier(begun: BegunSending): Promise<BegunSending> {
  const plan = planPackage(begun.files, 1);
  const { organisation, transfer, packageKey } = begun;
  const { headers } = await startPackage(crypto, { organisation, transfer, packageKey, plan });
  return { ...begun, headers };
}

describe("a sending that was left as a draft", () => {
  test.each([
    ["this client", 2, 3, async (begun: BegunSending) => begun],
    ["an earlier client, in the layout of then", 1, 2, earlier],
  ] as const)("by %s is gone on with, sealed and opened", async (_, layout, manifest, notes) => {
    const sent = await resume(await notes(await begunSending()));
    const transfer = known((await scene.store.read((view) => view.findTransfer(sent.transfer))) ?? undefined);
    expect(transfer.sealRecord?.[0]).toBe(layout);
    const link = known(parseLink(known(sent.links[0]).link));
    const recipient = await scene.confirmed(link.grant);
    const opened = await openTransfer(sceneClient(scene, { recipient }), link);
    expect(opened.manifest.version).toBe(manifest);
    const pieces: Uint8Array[] = [];
    for await (const piece of opened.readFile(known(opened.manifest.files[0]).id)) pieces.push(piece.slice());
    expect(Buffer.compare(Buffer.concat(pieces), CONTENT)).toBe(0);
  });

  test("with headers that were damaged is given up", async () => {
    const begun = await begunSending();
    const headers = begun.headers.slice();
    headers[3] = 0x20;
    const client = sceneClient(scene, { member: desk.caller });
    expect(await outcomeOf(resume({ ...begun, headers }, client))).toBe("envelope/cannot-open");
    expect(client.asked).toContain("abandonTransfer");
    expect(client.asked).not.toContain("sealTransfer");
  });
});
