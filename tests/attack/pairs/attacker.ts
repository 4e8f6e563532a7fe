/**
 * An attacker who has taken parts of an instance and tries everything that they allow: every link secret with every pair of
 * shares on every slot, and the blob with what comes out. Nothing here knows the sender's files; it has to find them.
 */
import {
  decodeSealRecord,
  decodeTerms,
  grantTranscript,
  kek,
  NO_RECIPIENT_KEY,
  openPackage,
  openSlot,
  termsHash,
  type VerifiedSeal,
} from "@safeconduct/envelope";
import { type Bytes, type CryptoPorts, hexText } from "@safeconduct/foundation";

export interface Shares {
  readonly transferShare: Bytes;
  readonly grantShare: Bytes;
}

/** What a part gives into somebody's hands. Shares are tried on every grant, wherever they came from. */
export interface Loot {
  readonly linkSecrets?: readonly Bytes[];
  readonly shares?: readonly Shares[];
  /** A grant's row: terms and slot. */
  readonly slots?: readonly { readonly terms: Bytes; readonly slot: Bytes; readonly sealRecord: Bytes }[];
  /** The whole ciphertext, by transfer. */
  readonly blobs?: ReadonlyMap<string, Bytes>;
  /** Files that somebody gave out in clear, as hexadecimal. */
  readonly files?: readonly string[];
}

/** The files that the loot opens, as hexadecimal content; empty when it opens none. */
export async function filesOpened(crypto: CryptoPorts, loots: readonly Loot[]): Promise<ReadonlySet<string>> {
  const linkSecrets = loots.flatMap(({ linkSecrets: some = [] }) => some);
  const shares = loots.flatMap(({ shares: some = [] }) => some);
  const opened = new Set(loots.flatMap(({ files = [] }) => files));
  for (const { terms, slot, sealRecord } of loots.flatMap(({ slots = [] }) => slots)) {
    const { organisation, transfer, grant } = decodeTerms(terms);
    const scope = { organisation, transfer, grant, termsHash: termsHash(crypto.sha256, terms) };
    const transcript = grantTranscript({ ...scope, recipientKeyId: NO_RECIPIENT_KEY });
    for (const linkSecret of linkSecrets) {
      for (const { transferShare, grantShare } of shares) {
        const key = await kek(crypto, { linkSecret, transferShare, grantShare, transcript });
        const packageKey = await openSlot(crypto, { kek: key, transcript, slot });
        const blob = loots.map(({ blobs }) => blobs?.get(transfer)).find((each) => each !== undefined);
        if (packageKey === null || blob === undefined) continue;
        for (const content of await contentsOf(crypto, { packageKey, sealRecord, blob })) opened.add(content);
      }
    }
  }
  return opened;
}

async function contentsOf(
  crypto: CryptoPorts,
  { packageKey, sealRecord, blob }: { packageKey: Bytes; sealRecord: Bytes; blob: Bytes },
): Promise<readonly string[]> {
  const opened = await openPackage(crypto, {
    packageKey,
    // Whose signature it bears is nothing to an attacker who wants to read.
    seal: decodeSealRecord(sealRecord) as VerifiedSeal,
    readRange: async (offset, length) => blob.slice(offset, offset + length),
  });
  const contents: string[] = [];
  for (const { id } of opened.manifest.files) {
    let content = "";
    for await (const piece of opened.readFile(id)) content += hexText(piece);
    contents.push(content);
  }
  return contents;
}
