import { describe, expect, it } from "vitest";
import { custodySteps, endReason, type Grant, grantEnded, type Transfer } from "./custody.ts";

const HOUR = 3_600_000;
const sealedAt = Date.UTC(2026, 10, 21, 13, 52);

function grantOf(changes: Partial<Grant> = {}): Grant {
  return {
    id: "grt_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    address: "someone@example.org",
    name: null,
    organisation: null,
    language: null,
    state: "pending",
    notBefore: sealedAt,
    notAfter: sealedAt + 48 * HOUR,
    secondFactor: null,
    locked: false,
    releaseCap: 0,
    releases: 0,
    confirmedAt: null,
    firstReleasedAt: null,
    receiptAt: null,
    closesOnReceipt: false,
    closesAt: null,
    conditions: null,
    termsAcceptedAt: null,
    deletionAttestedAt: null,
    problem: null,
    suspendedAt: null,
    closedByOfficer: false,
    codeUndeliveredAt: null,
    endedAt: null,
    destroyedAt: null,
    ...changes,
  };
}

function transferOf(grant: Grant, changes: Partial<Transfer> = {}): Transfer {
  return {
    id: "trf_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    state: "active",
    purpose: "TREAT",
    profile: "downloadable",
    handling: "public",
    sender: { id: "mem_aaaaaaaaaaaaaaaaaaaaaaaaaa", name: "M. Okafor" },
    createdAt: sealedAt - HOUR,
    sealedAt,
    endedAt: null,
    destroyedAt: null,
    blobLengthBytes: 1,
    partCount: 1,
    heldParts: 1,
    holds: [],
    grants: [grant],
    ...changes,
  };
}

/** "sealed:now confirmed:waiting …" */
function drawn(grant: Grant, now: number, changes: Partial<Transfer> = {}): string {
  return custodySteps(transferOf(grant, changes), grant, now)
    .map((step) => `${step.name}:${step.state}${step.joined ? "-" : ""}`)
    .join(" ");
}

describe("the custody line", () => {
  it("stands at sealed until the recipient comes", () => {
    expect(drawn(grantOf(), sealedAt + 1)).toBe(
      "sealed:now confirmed:waiting released:waiting receipt:waiting ended:waiting destroyed:waiting",
    );
  });

  it("is walked up to the receipt", () => {
    const grant = grantOf({
      state: "used",
      confirmedAt: sealedAt + 1,
      firstReleasedAt: sealedAt + 2,
      receiptAt: sealedAt + 3,
    });
    expect(drawn(grant, sealedAt + 4)).toBe(
      "sealed:done- confirmed:done- released:done- receipt:now ended:waiting destroyed:waiting",
    );
  });

  it("says which steps did not happen when a grant is revoked unopened", () => {
    const grant = grantOf({ state: "revoked", endedAt: sealedAt + 5, destroyedAt: sealedAt + 6 });
    expect(drawn(grant, sealedAt + 7)).toBe(
      "sealed:done- confirmed:missed- released:missed- receipt:missed- ended:done- destroyed:done",
    );
  });

  it("shows an end at the very instant of expiry, before the server has marked it", () => {
    const grant = grantOf();
    expect(grantEnded(grant, grant.notAfter - 1)).toBe(false);
    expect(grantEnded(grant, grant.notAfter)).toBe(true);
    expect(endReason(grant, grant.notAfter)).toBe("expired");
    const ended = custodySteps(transferOf(grant), grant, grant.notAfter).find((step) => step.name === "ended");
    expect(ended).toMatchObject({ state: "now", at: grant.notAfter, dueAt: null });
  });

  it("keeps a receipt possible after the last release of a capped grant", () => {
    const grant = grantOf({
      state: "capped",
      releaseCap: 1,
      releases: 1,
      confirmedAt: sealedAt,
      firstReleasedAt: sealedAt,
      endedAt: sealedAt + 9,
    });
    expect(drawn(grant, sealedAt + 10)).toContain("receipt:waiting- ended:now");
  });

  it("counts the destruction of the whole transfer for each recipient", () => {
    const grant = grantOf({ state: "expired", endedAt: sealedAt + 1 });
    expect(drawn(grant, sealedAt + 3, { destroyedAt: sealedAt + 2 })).toMatch(/destroyed:done$/);
  });

  it("tells when an end is due as long as there is none", () => {
    const due = (grant: Grant, now: number) =>
      custodySteps(transferOf(grant), grant, now).flatMap((step) => (step.dueAt === null ? [] : [step.name]));
    expect(due(grantOf(), sealedAt)).toEqual(["ended"]);
    expect(due(grantOf({ state: "revoked", endedAt: sealedAt }), sealedAt)).toEqual([]);
  });

  it.each(["expired", "revoked", "capped", "closed"] as const)("names %s as the reason of the end", (state) => {
    expect(endReason(grantOf({ state }), sealedAt)).toBe(state);
  });
  it("has no reason while the grant lives", () => {
    expect(endReason(grantOf({ state: "used" }), sealedAt)).toBeNull();
    const received = grantOf({ state: "used", closesOnReceipt: true, closesAt: sealedAt + HOUR });
    expect(endReason(received, sealedAt + HOUR - 1)).toBeNull();
    expect(endReason(received, sealedAt + HOUR)).toBe("closed");
    expect(grantEnded(received, sealedAt + HOUR)).toBe(true);
  });
});
