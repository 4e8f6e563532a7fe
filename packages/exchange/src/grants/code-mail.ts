/**
 * The mail with a code, as a job of the outbox. The job holds neither code nor address: the address is the grant's, and the
 * code is made again from its salt under the key that is not in the database. A code that was replaced, used, locked or is of
 * a grant that has ended is not mailed any more, but one to confirm a deletion with: that is asked for after the end.
 */
import type { Language } from "@safeconduct/contract";
import {
  base64UrlText,
  type Bytes,
  drawId,
  type GrantId,
  parseId,
  type Random,
  type Sha256,
} from "@safeconduct/foundation";
import { isJsonObject, parseCanonicalJson } from "@safeconduct/ledger";
import { letter } from "../mail/letter.ts";
import type { Mail } from "../mail/ports.ts";
import { MAIL_TEXTS } from "../mail/texts.ts";
import type { Deliverer } from "../outbox/ports.ts";
import type { CodeRecord, JobRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { CODE_LIFE_MS, codeOf, type CodeUse } from "./code.ts";
import { findEndedGrant } from "./ended-grant.ts";
import { findReadableGrant, type LiveGrant } from "./live-grant.ts";
import { isLive } from "../transfers/end-transfer.ts";

const MINUTE_MS = 60 * 1000;

/** The job for the code that was just drawn; it takes the place of the one for an older code. */
export function codeMailJob(code: CodeRecord, now: number, random: Random, use: CodeUse = "opening"): JobRecord {
  return {
    id: drawId("job", random),
    kind: "code-mail",
    key: `code-mail ${code.grant}`,
    payload: JSON.stringify({
      grant: code.grant,
      salt: base64UrlText(code.salt),
      ...(use === "deletion" ? { use } : {}),
    }),
    createdAt: now,
    dueAt: now,
    expiresAt: code.expiresAt,
    attempts: 0,
    owner: null,
  };
}

export function codeMailDeliverer({
  store,
  mail,
  sha256,
  codeKey,
  language: usual,
}: {
  store: Store;
  mail: Mail;
  sha256: Sha256;
  codeKey: Bytes;
  /** The organisation's, where the sender chose none. */
  language: Language;
}): Deliverer {
  return {
    async deliver(job, now) {
      const wanted = await store.read(async (view) => {
        const found = await wantedCode(view, job, now);
        const organisation = found && (await view.organisation(found.grant.organisation));
        return found && { ...found, organisation: organisation?.name ?? "" };
      });
      if (wanted === null) return;
      const { grant, code: held, organisation, use } = wanted;
      const language = grant.language ?? usual;
      const code = codeOf(sha256, { key: codeKey, salt: held.salt, grant: grant.id });
      const text = MAIL_TEXTS[language][TEXTS[use]]({ organisation, code, minutes: CODE_LIFE_MS / MINUTE_MS });
      await mail.send({ to: grant.address, ...letter(language, text) });
    },
    async giveUp(tx, job, now) {
      // An expired code is the very case: it counts as wanted until its grant has ended.
      const wanted = await wantedCode(tx, job, now);
      if (wanted === null) return [];
      const { grant, transfer } = wanted;
      await tx.updateGrant(grant.id, { codeUndeliveredAt: now });
      return [
        {
          type: "grant/code-undelivered",
          actor: { kind: "system" },
          organisation: grant.organisation,
          transfer,
          grant: grant.id,
          refused: "mail/undelivered",
        },
      ];
    },
  };
}

/** Whether somebody waits for this job; `unknown` where it names no link that is there. For checks of the whole. */
export async function codeMailNeed(view: View, job: JobRecord, now: number): Promise<"wanted" | "idle" | "unknown"> {
  const grant = parsedPayload(job.payload)?.grant;
  if (grant === undefined || (await view.findGrant(grant)) === null) return "unknown";
  return (await wantedCode(view, job, now)) === null ? "idle" : "wanted";
}

/** Null when nobody waits for this very code any more. */
async function wantedCode(view: View, { payload }: JobRecord, now: number) {
  const { grant: id, salt, use } = payloadOf(payload);
  const found = use === "deletion" ? await findEndedGrant(view, id, now) : await findOpenGrant(view, id, now);
  const code = await view.findCode(id);
  if (found === null || code === null || code.codeHash === null) return null;
  return base64UrlText(code.salt) === salt ? { ...found, code, use } : null;
}

async function findOpenGrant(view: View, id: GrantId, now: number): Promise<LiveGrant | null> {
  const found = await findReadableGrant(view, id, now);
  return found !== null && isLive(found.grant) ? found : null;
}

interface CodePayload {
  readonly grant: GrantId;
  readonly salt: string;
  readonly use: CodeUse;
}

/** Written by {@link codeMailJob} alone. Throws for anything else. */
function payloadOf(payload: string): CodePayload {
  const parsed = parsedPayload(payload);
  if (parsed === null) throw new Error("a job names no grant");
  return parsed;
}

function parsedPayload(payload: string): CodePayload | null {
  const value = parseCanonicalJson(payload);
  if (!isJsonObject(value)) return null;
  const { grant, salt, use = "opening" } = value;
  const id = typeof grant === "string" ? parseId("grant", grant) : null;
  if (id === null || typeof salt !== "string" || (use !== "opening" && use !== "deletion")) return null;
  return { grant: id, salt, use };
}

const TEXTS = { opening: "code", deletion: "deletionCode" } as const satisfies Readonly<Record<CodeUse, string>>;
