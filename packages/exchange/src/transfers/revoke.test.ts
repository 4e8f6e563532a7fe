import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId, type GrantId, type TransferId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  known,
  outcomeOf,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { release } from "../grants/release.ts";
import { certificateOf } from "./issue-certificate.ts";
import { abandonTransfer, revokeGrant, revokeTransfer } from "./revoke.ts";
import { listTransfers, showTransfer } from "./show-transfers.ts";
import { heldParts, partTargets } from "./upload-parts.ts";

const crypto = cheapCrypto(nodeCrypto());
const TWO = ["a@x.example", "b@x.example"].map((address) => ({ address, name: null }));
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const revoke = (transfer: TransferId, grant: GrantId, by: Desk = desk) =>
  outcomeOf(revokeGrant(scene.deps, by.caller, { transfer, grant }));
const revokeAll = (transfer: TransferId, by: Desk = desk) => outcomeOf(revokeTransfer(scene.deps, by.caller, transfer));
const stateOf = async (id: TransferId) => known(await scene.store.read((view) => view.findTransfer(id))).state;
const grantStates = async (id: TransferId) =>
  (await scene.store.read((view) => view.grantsOf(id))).slice(1).map(({ state }) => state);
const shareStates = async (id: TransferId, grants: readonly GrantId[]) => {
  const status = await scene.keys.status({ organisation: desk.organisation.id, transfers: [id], grants });
  return [...status.transfers, ...status.grants].map(({ state }) => state);
};
const askAnew = async (grant: GrantId) => {
  const { publicKey } = await crypto.hpke.generateKeyPair();
  return outcomeOf(release(scene.deps, { grant, session: drawId("session", crypto.random) }, publicKey));
};

describe("taking one recipient's link back", () => {
  test("leaves the other's, and the transfer, open", async () => {
    const { id, grants } = await sealedTransfer(scene, desk, { recipients: TWO });
    const [first, second] = [known(grants[0]), known(grants[1])];
    expect(await revoke(id, first)).toBe("done");
    expect(await stateOf(id)).toBe("active");
    expect(await grantStates(id)).toEqual(["revoked", "pending"]);
    expect([await askAnew(first), await askAnew(second)]).toEqual(["grant/unavailable", "done"]);
    expect(await shareStates(id, grants)).toEqual(["active", "suspended", "active"]);
    await scene.sweep();
    expect(await shareStates(id, grants)).toEqual(["active", "shredded", "active"]);
    expect((await scene.entries(id)).filter((type) => type === "grant/destroyed")).toHaveLength(1);
  });

  test("of the last one ends the transfer with it", async () => {
    const { id, grants } = await sealedTransfer(scene, desk, { recipients: TWO });
    for (const grant of grants) await revoke(id, grant);
    expect(await stateOf(id)).toBe("revoked");
    expect((await scene.entries(id)).slice(-3)).toEqual(["grant/revoked", "grant/revoked", "transfer/revoked"]);
  });

  test("twice is refused the second time, also at once", async () => {
    const { id, grant } = await sealedTransfer(scene, desk, { recipients: TWO });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => revoke(id, grant)));
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(["done", "grant/already-ended"]));
    expect((await scene.entries(id)).filter((type) => type === "grant/revoked")).toHaveLength(1);
  });

  test("after its end is refused", async () => {
    const { id, grant, sent } = await sealedTransfer(scene, desk);
    scene.clock.set(sent.notAfter);
    await scene.sweep(60_000);
    expect(await revoke(id, grant)).toBe("grant/already-ended");
  });

  test("needs a recipient of this very transfer", async () => {
    const sealed = await sealedTransfer(scene, desk);
    const other = await sealedTransfer(scene, desk);
    for (const grant of [other.grant, drawId("grant", crypto.random), sealed.draft.senderGrant.grant])
      expect(await revoke(sealed.id, grant)).toBe("grant/unknown");
    expect(await grantStates(other.id)).toEqual(["pending"]);
  });

  test("holds when the key service is away, and is destroyed when it is back", async () => {
    const { id, grant, grants } = await sealedTransfer(scene, desk, { recipients: TWO });
    const away = () => {
      throw scene.outage("keys");
    };
    scene.watch.before("keys.suspend", away);
    scene.watch.before("keys.shred", away);
    expect(await revoke(id, grant)).toBe("done");
    expect(await askAnew(grant)).toBe("grant/unavailable");
    expect(await outcomeOf(scene.sweep())).toBe("keys/unavailable");
    scene.watch.clear();
    await scene.sweep();
    expect(await shareStates(id, grants)).toEqual(["active", "shredded", "active"]);
  });

  test("is not acknowledged without its entry, and holds all the same", async () => {
    const { id, grant } = await sealedTransfer(scene, desk);
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    expect(await revoke(id, grant)).toBe("ledger/unavailable");
    scene.watch.clear();
    expect(await askAnew(grant)).toBe("grant/unavailable");
    await scene.sweep();
    expect(await stateOf(id)).toBe("destroyed");
  });
});

describe("taking a transfer back", () => {
  test("ends every link, with an entry for each and one for the transfer", async () => {
    const { id, grants } = await sealedTransfer(scene, desk, { recipients: TWO });
    expect(await revokeAll(id)).toBe("done");
    expect(await grantStates(id)).toEqual(["revoked", "revoked"]);
    expect((await scene.entries(id)).slice(-3)).toEqual(["grant/revoked", "grant/revoked", "transfer/revoked"]);
    expect((await shareStates(id, grants))[0]).toBe("suspended");
    await scene.sweep();
    expect(await shareStates(id, grants)).toEqual(["shredded", "shredded", "shredded"]);
    expect(await stateOf(id)).toBe("destroyed");
    expect(await scene.storedBlobs()).toEqual([]);
  });

  test("twice, at once or after its destruction is refused", async () => {
    const first = await sealedTransfer(scene, desk);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => revokeAll(first.id)));
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(["done", "transfer/not-active"]));
    const second = await sealedTransfer(scene, desk);
    scene.clock.set(second.sent.notAfter);
    await scene.sweep();
    expect(await revokeAll(second.id)).toBe("transfer/not-active");
  });

  test("after its end and before its destruction destroys it at once", async () => {
    const { id, sent } = await sealedTransfer(scene, desk);
    scene.clock.set(sent.notAfter);
    await scene.sweep(60_000);
    expect(await stateOf(id)).toBe("expired");
    expect(await revokeAll(id)).toBe("done");
    await scene.sweep(60_000);
    expect(await stateOf(id)).toBe("destroyed");
    expect((await scene.entries(id)).slice(-3)).toEqual(["transfer/expired", "transfer/revoked", "transfer/destroyed"]);
  });

  test("leaves a link that was taken back before as it is", async () => {
    const { id, grant } = await sealedTransfer(scene, desk, { recipients: TWO });
    await revoke(id, grant);
    scene.clock.advance(5);
    await revokeAll(id);
    const entries = await scene.entries(id);
    expect(entries.filter((type) => type === "grant/revoked")).toHaveLength(2);
    const [, first, second] = await scene.store.read((view) => view.grantsOf(id));
    expect(known(second).endedAt).toBe(known(first?.endedAt) + 5);
  });

  test("against revocations of its single links ends each once", async () => {
    const { id, grants } = await sealedTransfer(scene, desk, { recipients: TWO });
    await Promise.all([revokeAll(id), ...grants.map((grant) => revoke(id, grant)), revokeAll(id)]);
    expect((await scene.entries(id)).filter((type) => type.endsWith("/revoked")).sort()).toEqual([
      "grant/revoked",
      "grant/revoked",
      "transfer/revoked",
    ]);
  });
});

describe("a transfer of somebody else", () => {
  const attempts = (by: Desk, id: TransferId, grant: GrantId) => ({
    parts: outcomeOf(heldParts(scene.deps, by.caller, id)),
    targets: outcomeOf(partTargets(scene.deps, by.caller, { transfer: id, parts: [{ number: 1, sizeBytes: 1 }] })),
    revokeGrant: revoke(id, grant, by),
    revokeTransfer: revokeAll(id, by),
    abandon: outcomeOf(abandonTransfer(scene.deps, by.caller, id)),
  });
  const seen = (by: Desk, id: TransferId) => ({
    show: outcomeOf(showTransfer(scene.deps, by.caller, id)),
    certificate: outcomeOf(
      certificateOf({ ...scene.deps, now: scene.clock.now(), ledger: ledgerView() }, by.caller, id),
    ),
  });
  const ledgerView = () => ({
    size: scene.ledger.size,
    readTile: (path: string) => scene.tiles.readTile(path),
    checkpointCovering: async () => ({ size: scene.ledger.size, text: scene.ledger.checkpointText }),
  });
  const outcomes = async (attempted: Record<string, Promise<string>>) =>
    new Set(await Promise.all(Object.values(attempted)));

  test("looks unknown to another organisation, like one that is not there", async () => {
    const sealed = await sealedTransfer(scene, desk);
    const draft = await filledDraft(scene, desk);
    const stranger = await scene.desk();
    const before = scene.ledger.size;
    for (const id of [sealed.id, draft.id, drawId("transfer", crypto.random)]) {
      expect(await outcomes(attempts(stranger, id, sealed.grant))).toEqual(new Set(["transfer/unknown"]));
      expect(await outcomes(seen(stranger, id))).toEqual(new Set(["transfer/unknown"]));
    }
    expect((await listTransfers(scene.deps, stranger.caller, { limit: 50, after: null })).transfers).toEqual([]);
    expect(scene.ledger.size).toBe(before);
    expect(await stateOf(sealed.id)).toBe("active");
  });

  test("is not there for a colleague who sends", async () => {
    const sealed = await sealedTransfer(scene, desk);
    const colleague = await scene.desk(desk.organisation, ["sender"]);
    expect(await outcomes(attempts(colleague, sealed.id, sealed.grant))).toEqual(new Set(["transfer/unknown"]));
    expect(await outcomes(seen(colleague, sealed.id))).toEqual(new Set(["transfer/unknown"]));
    expect((await listTransfers(scene.deps, colleague.caller, { limit: 50, after: null })).transfers).toEqual([]);
  });
});

describe("the list of transfers", () => {
  test("is newest first, in pages that join without gap", async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count++) {
      scene.clock.advance(1);
      made.unshift((await filledDraft(scene, desk)).id);
    }
    const seen: string[] = [];
    let after: TransferId | null = null;
    do {
      const page: Awaited<ReturnType<typeof listTransfers>> = await listTransfers(scene.deps, desk.caller, {
        limit: 2,
        after,
      });
      seen.push(...page.transfers.map(({ transfer }) => transfer.id));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(made);
  });

  test("shows recipients, not the sender's own grant, and how many parts are held", async () => {
    const { id } = await sealedTransfer(scene, desk, { recipients: TWO });
    const summary = await showTransfer(scene.deps, desk.caller, id);
    expect(summary.grants.map(({ address }) => address)).toEqual(["a@x.example", "b@x.example"]);
    expect(summary.heldParts).toBe(1);
    expect(summary.sender.id).toBe(desk.member.id);
  });
});
