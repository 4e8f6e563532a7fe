import { encodeTerms } from "@safeconduct/envelope";
import { drawId, type MemberId } from "@safeconduct/foundation";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { aClinic, memoryStore } from "@safeconduct/testkit";
import { expect, test } from "vitest";
import { transferBody } from "./answers.ts";

const { random } = nodeCrypto();
const clinic = await aClinic(memoryStore());
const officer = drawId("member", random);

/** What is said of a link that this member closed for now; null: before that was kept, or nobody. */
function shown(suspendedBy: MemberId | null) {
  const transfer = clinic.transfer();
  const { organisation, id } = transfer;
  const grant = clinic.grant(transfer, { suspendedAt: 5, suspendedBy });
  const terms = encodeTerms({
    organisation,
    transfer: id,
    grant: grant.id,
    kind: "recipient",
    profile: "downloadable",
    purpose: "TREAT",
    notBefore: 0,
    notAfter: 5000,
    releaseCap: 0,
  });
  const summary = { transfer, sender: clinic.member, grants: [{ ...grant, terms }], heldParts: 1, holds: [] };
  return transferBody(summary).grants[0];
}

test("a sender is told of a closed link whether opening it again is theirs", () => {
  expect(shown(clinic.member.id)).toMatchObject({ suspendedAt: 5, closedByOfficer: false });
  expect(shown(officer)).toMatchObject({ suspendedAt: 5, closedByOfficer: true });
  expect(shown(null)).toMatchObject({ closedByOfficer: false });
});
