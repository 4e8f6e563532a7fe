import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { type Bytes, concatBytes, copyBytes, hexBytes, hexText, parseId } from "@safeconduct/foundation";
import { digestOfPart } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { grantTranscript, kek, NO_RECIPIENT_KEY } from "./key-schedule.ts";
import { formatFragment, parseFragment } from "./link.ts";
import { openAsMember } from "./member-key.ts";
import { canonicalPasscode, hashPasscode, mixPasscode, passcodeVerifier } from "./passcode.ts";
import { planAgain } from "./package-plan.ts";
import { openPackage } from "./package-reader.ts";
import { resumePackage } from "./package-writer.ts";
import { decodeSealRecord, encodeSealRecord, partsRoot, verifySeal } from "./seal.ts";
import { grantShareContext, openRelease, openShare, releaseContext, transferShareContext } from "./share.ts";
import { openSlot } from "./slot.ts";
import { decodeTerms, encodeTerms, termsHash } from "./terms.ts";

type Json = Readonly<Record<string, unknown>>;

function golden(name: string): Bytes {
  return copyBytes(readFileSync(fileURLToPath(new URL(`../../../vectors/envelope/v1/${name}`, import.meta.url))));
}

function json(name: string): Json {
  return JSON.parse(new TextDecoder().decode(golden(name))) as Json;
}

function hex(from: Json, field: string): Bytes {
  const bytes = typeof from[field] === "string" ? hexBytes(from[field]) : null;
  if (bytes === null) throw new Error(`${field} is not hexadecimal`);
  return bytes;
}

/** As the golden files spell it: bytes in hexadecimal. */
function spelled(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, each: unknown) => (each instanceof Uint8Array ? hexText(each) : each)),
  );
}

function id<Kind extends "organisation" | "transfer" | "grant" | "member" | "file">(
  kind: Kind,
  from: Json,
): NonNullable<ReturnType<typeof parseId<Kind>>> {
  const parsed = parseId(kind, String(from[kind]));
  if (parsed === null) throw new Error(`no ${kind}`);
  return parsed;
}

const factorTerms = json("../terms-v2/terms.json")["terms"] as readonly Json[];
const askingTerms = json("../terms-v3/terms.json")["terms"] as readonly Json[];
const passcodes = json("../passcode-v1/passcodes.json")["passcodes"] as readonly Json[];
const terms = json("terms.json");
const grant = json("grant.json");
const sealed = json("hpke.json");
/** The same files under the same keys, by the writers of manifests of version 1, 2 and 3. */
const packages = ([1, 2, 3] as const).map((version) => {
  const folder = version === 1 ? "." : `../package-v${version}`;
  const layout = version === 3 ? 2 : 1;
  return { version, layout, seal: json(`${folder}/seal.json`), blob: golden(`${folder}/package.blob`) };
});
const listed = json("files.json")["files"] as readonly (Json & {
  path: string;
  mediaType: string;
  sizeBytes: number;
})[];
const ids = grant["scope"] as Json;
const scope = {
  organisation: id("organisation", ids),
  transfer: id("transfer", ids),
  grant: id("grant", ids),
  termsHash: hex(terms, "termsHash"),
};
const blob = golden("package.blob");

describe.each([
  { platform: "Node", ports: nodeCrypto() },
  { platform: "WebCrypto", ports: await loadWebCrypto() },
])("golden files of version 1 on $platform", ({ ports }) => {
  it("terms decode, encode and hash", () => {
    const encoded = hex(terms, "encoded");
    expect(decodeTerms(encoded)).toEqual(terms["terms"]);
    expect(encodeTerms(decodeTerms(encoded))).toEqual(encoded);
    expect(termsHash(ports.sha256, encoded)).toEqual(scope.termsHash);
  });

  it("terms of versions 2 and 3, with a second factor or conditions, decode, encode and hash", () => {
    expect(factorTerms.map((each) => (each["terms"] as Json)["kind"])).toEqual(Array(3).fill("recipient"));
    expect(askingTerms).toHaveLength(4);
    for (const each of [...factorTerms, ...askingTerms]) {
      const encoded = hex(each, "encoded");
      expect(spelled(decodeTerms(encoded))).toEqual(each["terms"]);
      expect(encodeTerms(decodeTerms(encoded))).toEqual(encoded);
      expect(termsHash(ports.sha256, encoded)).toEqual(hex(each, "termsHash"));
    }
  });

  it("the link gives S, the KEK opens the slot", async () => {
    const fragment = parseFragment(String(grant["fragment"]));
    expect(fragment && formatFragment(fragment)).toBe(grant["fragment"]);
    expect(fragment?.linkSecret).toEqual(hex(grant, "linkSecret"));
    const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
    expect(transcript).toEqual(hex(grant, "transcript"));
    const key = await kek(ports, {
      linkSecret: hex(grant, "linkSecret"),
      transferShare: hex(grant, "transferShare"),
      grantShare: hex(grant, "grantShare"),
      transcript,
    });
    expect(key).toEqual(hex(grant, "kek"));
    expect(await openSlot(ports, { kek: key, transcript, slot: hex(grant, "slot") })).toEqual(hex(grant, "packageKey"));
  });

  it("the passcode gives A, S′, V and the KEK that opens the slot", async () => {
    for (const each of passcodes) {
      const factor = decodeTerms(hex(each, "terms")).secondFactor;
      if (factor?.kind !== "passcode") throw new Error("terms without a passcode");
      const passcode = canonicalPasscode(String(each["typed"]));
      expect(passcode).toEqual(hex(each, "canonical"));
      const passcodeHash = await hashPasscode(ports, { passcode: passcode as Bytes, factor });
      expect(passcodeHash).toEqual(hex(each, "passcodeHash"));
      const where = each["scope"] as Json;
      const of = {
        organisation: id("organisation", where),
        transfer: id("transfer", where),
        grant: id("grant", where),
      };
      const secrets = { ...of, linkSecret: hex(each, "linkSecret"), passcodeHash };
      expect(await passcodeVerifier(ports, secrets)).toEqual(hex(each, "verifier"));
      const mixed = await mixPasscode(ports, secrets);
      expect(mixed).toEqual(hex(each, "mixed"));
      const transcript = grantTranscript({
        ...of,
        termsHash: termsHash(ports.sha256, hex(each, "terms")),
        recipientKeyId: NO_RECIPIENT_KEY,
      });
      const shares = { transferShare: hex(each, "transferShare"), grantShare: hex(each, "grantShare") };
      const key = await kek(ports, { linkSecret: mixed, ...shares, transcript });
      expect(await openSlot(ports, { kek: key, transcript, slot: hex(each, "slot") })).toEqual(hex(each, "packageKey"));
    }
  });

  it("shares, the release and the member's secret open", async () => {
    const privateKey = hex(sealed, "privateKey");
    const [transferShare, grantShare] = [hex(grant, "transferShare"), hex(grant, "grantShare")];
    const ephemeralKeyHash = ports.sha256(hex(sealed, "publicKey"));
    const open = {
      transfer: transferShareContext(scope),
      grant: grantShareContext(scope),
      release: releaseContext({ ...scope, ephemeralKeyHash }),
    };
    expect(open.transfer).toEqual(hex(sealed, "transferContext"));
    expect(open.grant).toEqual(hex(sealed, "grantContext"));
    expect(open.release).toEqual(hex(sealed, "releaseContext"));
    const sealedShares = { F: hex(sealed, "sealedTransferShare"), G: hex(sealed, "sealedGrantShare") };
    expect(await openShare(ports, { privateKey, context: open.transfer, sealed: sealedShares.F })).toEqual(
      transferShare,
    );
    expect(await openShare(ports, { privateKey, context: open.grant, sealed: sealedShares.G })).toEqual(grantShare);
    const release = { privateKey, context: open.release, sealed: hex(sealed, "sealedRelease") };
    expect(await openRelease(ports, release)).toEqual({ transferShare, grantShare });
    const member = {
      privateKey,
      scope: { ...scope, member: id("member", grant) },
      sealed: hex(sealed, "sealedToMember"),
    };
    expect(await openAsMember(ports, member)).toEqual(hex(grant, "linkSecret"));
  });

  it.each(packages)(
    "the seal over manifest version $version decodes, encodes, covers the parts and verifies",
    async ({ layout, seal, blob: sentBlob }) => {
      const encoded = hex(seal, "encoded");
      const record = decodeSealRecord(encoded);
      // Seals of layout 1 were spelled before there was another.
      expect(spelled(record)).toEqual({ layout: 1, ...(seal["record"] as Json) });
      expect(record.layout).toBe(layout);
      expect(encodeSealRecord(record)).toEqual(encoded);
      const parts = (seal["parts"] as readonly (Json & { number: number; sizeBytes: number })[]).map(
        ({ number, sizeBytes, ...part }) => ({
          number,
          sizeBytes,
          sha256: hex(part, "sha256"),
        }),
      );
      expect(partsRoot(ports.sha256, parts)).toEqual(record.partsRoot);
      expect(layout === 1 ? ports.sha256(sentBlob) : digestOfPart(sentBlob)).toEqual(parts[0]?.sha256);
      expect(await verified(seal)).toEqual(record);
    },
  );

  it.each(packages)("the package with a manifest of version $version opens and gives every file", async (sent) => {
    const { version, blob: sentBlob } = sent;
    const verifiedSeal = await verified(sent.seal);
    if (verifiedSeal === null) throw new Error("the seal does not verify");
    const opened = await openPackage(ports, {
      packageKey: hex(grant, "packageKey"),
      seal: verifiedSeal,
      readRange: async (offset, length) => sentBlob.slice(offset, offset + length),
    });
    expect(opened.manifest.version).toBe(version);
    expect(opened.manifest.files.map(({ path }) => path)).toEqual(listed.map(({ path }) => path));
    for (const [position, file] of opened.manifest.files.entries()) {
      const pieces: Bytes[] = [];
      for await (const piece of opened.readFile(file.id)) pieces.push(piece);
      expect(hexText(concatBytes(...pieces))).toBe(listed[position]?.["content"]);
    }
  });

  it("the same files are planned alike and a writer goes on from the headers", async () => {
    const files = listed.map((file) => ({
      id: id("file", { file: file["id"] }),
      path: file.path,
      mediaType: file.mediaType,
      sizeBytes: file.sizeBytes,
    }));
    const headers = hex(json("files.json"), "headers");
    const plan = planAgain({ files, headers });
    expect(plan.layout).toBe(1);
    expect(plan.blobLengthBytes).toBe(blob.length);
    const writer = await resumePackage(ports, { ...scope, packageKey: hex(grant, "packageKey"), plan, headers });
    expect(writer.headers).toEqual(headers);
  });

  function verified(sent: Json): ReturnType<typeof verifySeal> {
    return verifySeal(ports, {
      record: hex(sent, "encoded"),
      signature: hex(sent, "signature"),
      signingPublicKey: hex(sent, "signingPublicKey"),
      expected: { ...scope, signingKeyHash: hex(grant, "signingKeyHash") },
    });
  }
});
