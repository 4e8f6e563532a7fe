/**
 * The certificate of custody as one page for people: self-contained HTML without scripts, made for paper. The certificate
 * itself lies inside, and the page follows from it byte by byte, so a verifier makes the page anew and compares: words that
 * somebody changed on the page are found, not only numbers changed in the proofs.
 */
import { hexText, MalformedBinary } from "@safeconduct/foundation";
import { type Certificate, CERTIFICATE_LIMIT_CHARACTERS, formatCertificate } from "./certificate.ts";
import { canonicalJson, type JsonObject, type JsonValue } from "./canonical-json.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { decodeLeaf, type Leaf } from "./leaf.ts";
import { parseNote } from "./note.ts";

/** Escaping makes a character six times as long at most; the visible part repeats the events. */
export const CERTIFICATE_PAGE_LIMIT_CHARACTERS = 16 * CERTIFICATE_LIMIT_CHARACTERS;

const BEGIN = '<pre id="safeconduct-certificate" hidden>';
const END = "</pre>";

/** What happened, for people. A type without words stands by its own name. */
const WORDS: Readonly<Record<string, string>> = {
  "transfer/drafted": "The sender began the transfer",
  "transfer/sealed": "Content was sealed: nobody can change it from here on",
  "transfer/expired": "The last link ended by time",
  "transfer/revoked": "The sender closed every link",
  "transfer/abandoned": "The transfer was given up before it was sealed",
  "transfer/destroyed": "Keys and ciphertext were destroyed",
  "transfer/erased": "Names, addresses and details were erased from the records",
  "grant/added": "A recipient was given a link",
  "grant/code-sent": "A code was mailed to the recipient",
  "grant/confirmed": "The recipient confirmed the address",
  "grant/confirm-refused": "A wrong code was refused",
  "grant/released": "The recipient's device was given the keys",
  "grant/release-refused": "A request for the keys was refused",
  "grant/receipt": "The recipient's device confirmed that the files arrived whole",
  "grant/expired": "A recipient's link ended by time",
  "grant/revoked": "A recipient's link was closed",
  "grant/capped": "A recipient's link was used up",
  "grant/destroyed": "A recipient's key was destroyed",
  "grant/code-undelivered": "A code could not be mailed",
  "grant/factor-passed": "The recipient gave the second proof",
  "grant/factor-refused": "A wrong second proof was refused",
  "factor/counter-back": "A passkey's counter went back: there may be a copy of it",
  "grant/locked": "Too many wrong passcodes: the link was closed",
  "grant/terms-accepted": "The recipient accepted the sender's terms",
  "grant/closed": "The link closed, some minutes after the recipient's receipt",
  "grant/problem-reported": "The recipient reported a problem",
  "grant/problem-settled": "What the recipient reported was marked as dealt with",
  "grant/deletion-attested": "The recipient said that their copies are deleted",
  "grant/deletion-code-sent": "A code was mailed to the recipient, to confirm after the end that copies are deleted",
  "grant/released-to-member": "A device of the sender was given the keys",
  "grant/suspended": "A link was closed for the time being",
  "grant/resumed": "A link was opened again",
  "hold/placed": "A hold was placed: keys and files are kept, links close as ever",
  "hold/lifted": "A hold was lifted",
};

const yesOrNo = (value: string): string => (value === "true" ? "yes" : value === "false" ? "no" : value);

const PROFILES: Readonly<Record<string, string>> = { viewable: "viewed", downloadable: "viewed and saved" };

/** What an event says besides, for people: a name and, where the bare value says little, a way to say it. */
const FACTS: Readonly<Record<string, { readonly name: string; readonly say?: (value: string) => string }>> = {
  address: { name: "Recipient" },
  recipientOrganisation: { name: "Recipient's organisation, in the sender's words" },
  recipients: { name: "Recipients" },
  notBefore: { name: "Opens", say: (value) => (value === "0" ? "at once" : timeOf(value)) },
  notAfter: { name: "Closes", say: timeOf },
  releaseCap: { name: "May be opened", say: (value) => (value === "0" ? "any number of times" : `${value} times`) },
  secondFactor: { name: "Second proof" },
  factor: { name: "Second proof" },
  closesOnReceipt: { name: "A receipt closes the link", say: yesOrNo },
  problem: { name: "Problem" },
  mayStore: { name: "Copies may be kept", say: yesOrNo },
  deleteByDays: { name: "Copies to be deleted within", say: (value) => `${value} days of the acceptance` },
  closesAt: { name: "Link closes", say: timeOf },
  purpose: { name: "Purpose" },
  profile: { name: "May be", say: (value) => PROFILES[value] ?? value },
  handling: { name: "Handling" },
  blobLengthBytes: { name: "Ciphertext", say: (value) => `${value} bytes` },
  "actor kind": { name: "By" },
  "actor id": { name: "Id" },
  grant: { name: "Link" },
  files: { name: "Files" },
  unseen: { name: "Files that the recipient's page could not show" },
  reason: { name: "Reason" },
  statement: { name: "Statement of the key service" },
};

const STYLE = `@page{margin:18mm}body{font:10.5pt/1.45 system-ui,sans-serif;color:#111;max-width:180mm;margin:10mm auto;padding:0 4mm}
h1{font-size:17pt;margin:0 0 2mm}h2{font-size:12pt;margin:7mm 0 2mm;break-after:avoid}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:1.2mm 3mm 1.2mm 0;border-bottom:.2mm solid #bbb}.n{white-space:nowrap}.w{overflow-wrap:anywhere}tr{break-inside:avoid}
thead{display:table-header-group}code,.k{font:8.5pt/1.4 ui-monospace,monospace;overflow-wrap:anywhere}dt{font-weight:600}dd{margin:0 0 1.5mm}.s{color:#444;font-size:9pt}`;

/** Deterministic: the same certificate gives the same page. Verifies nothing; every value is escaped. */
export function certificatePage(certificate: Certificate): string {
  const { organisation, transfer, issuedAt, entries, subjectSalt } = certificate;
  const erased = entries.filter(({ event }) => event === null).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Certificate of custody ${shown(transfer)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Certificate of custody</h1>
<p>What happened to one transfer of files, with proofs that can be checked without trusting whoever issued this page.</p>
<dl>
<dt>Transfer</dt><dd class="k">${shown(transfer)}</dd>
<dt>Organisation</dt><dd class="k">${shown(organisation)}</dd>
<dt>Issued</dt><dd>${timeText(issuedAt)} <span class="s">(as the issuer says)</span></dd>
<dt>Entries</dt><dd>${entries.length}${erased === 0 ? "" : `, of which ${erased} were erased: that they happened is proven, their details are gone`}</dd>
</dl>
<h2>What happened</h2>
<table>
<thead><tr><th class="n">No.</th><th class="n">Time (UTC)</th><th class="w">Event</th></tr></thead>
<tbody>
${entries.map((entry) => entryRow(entry, organisation)).join("\n")}
</tbody>
</table>
<h2>What is proven</h2>
<p>Each entry has a fingerprint in a public, append-only log (RFC 9162). Its number is its place there. The proof in this file
leads from the fingerprint to the signed state of the log below. An entry cannot have been changed, moved or added later without
the log's key, and not without notice by anybody who keeps an older state of the log.</p>
<p>${
    subjectSalt === null
      ? "The link between these entries and this transfer was erased. They are proven to belong to one and the same transfer; that it is this one is the issuer's word."
      : "Each entry is proven to belong to this transfer and to no other."
  }</p>
<p>Not proven: that no entry was left out. Whoever has a full copy of the log can look for others of the same transfer.</p>
<h2>Signed state of the log</h2>
${checkpointPart(certificate.checkpoint)}
<h2>How to check this page</h2>
<p>Keep the file, not only the paper. With the log's verifier key in a file, on a computer that need not be online:</p>
<p><code>safeconduct certificate verify FILE.html --key LOG-KEY-FILE</code></p>
<p>It checks every proof, and that this page says what the proofs say. Get the key from somewhere else than this page.</p>
${BEGIN}${escaped(formatCertificate(certificate))}${END}
</body>
</html>
`;
}

/** The certificate's text inside an attacker-controlled page, or null where there is not exactly one. */
export function certificateTextIn(page: string): string | null {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0 || page.indexOf(BEGIN, begin + 1) >= 0) return null;
  return page
    .slice(begin + BEGIN.length, end)
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? "");
}

function entryRow({ index, event, leaf }: Certificate["entries"][number], organisation: string): string {
  if (event === null) {
    const known = leafOf(leaf);
    const words = known === null ? "" : (WORDS[known.type] ?? known.type);
    const time = known === null ? "" : timeText(known.minute * 60_000);
    return `${cells(index, time)}${shown(words)} <span class="s">(details erased)</span></td></tr>`;
  }
  const { type, at, outcome } = event;
  const words = typeof type === "string" ? (Object.hasOwn(WORDS, type) ? (WORDS[type] ?? type) : type) : "";
  const refused = typeof outcome === "string" && outcome !== "done" ? ` — refused: ${outcome}` : "";
  const facts = factsOf(event, organisation);
  const list = facts.length === 0 ? "" : `<br><span class="s">${facts.map(shown).join("; ")}</span>`;
  const time = typeof at === "number" ? timeText(at) : "";
  return `${cells(index, time)}${shown(words + refused)}${list}</td></tr>`;
}

const cells = (index: number, time: string): string =>
  `<tr><td class="n">${index}</td><td class="n">${time}</td><td class="w">`;

/** Everything else that the event says; the organisation only where it is not the page's. */
function factsOf(
  { type: _type, at: _at, outcome: _outcome, transfer: _transfer, organisation, ...rest }: JsonObject,
  ofPage: string,
): string[] {
  const facts: JsonObject = organisation === ofPage || organisation === undefined ? rest : { ...rest, organisation };
  return sorted(facts).flatMap(([name, value]) => (value === null ? [] : factTexts(name, value)));
}

function factTexts(name: string, value: JsonValue): string[] {
  if (typeof value !== "object" || value === null) return [factText(name, String(value))];
  if (Array.isArray(value)) return [factText(name, canonicalJson(value))];
  return sorted(value as JsonObject).flatMap(([member, inner]) =>
    inner === null ? [] : factTexts(name === "detail" ? member : `${name} ${member}`, inner),
  );
}

function factText(name: string, value: string): string {
  const fact = Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
  return `${fact?.name ?? name}: ${fact?.say?.(value) ?? value}`;
}

/** In the order of the canonical text, whatever order an object was made in. */
const sorted = (object: JsonObject): [string, JsonValue][] =>
  Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

function checkpointPart(text: string): string {
  const note = parseNote(text);
  const checkpoint = note && parseCheckpoint(note.text);
  if (note === null || checkpoint === null) return "<p>This certificate holds no signed state of a log.</p>";
  const lines = note.signatures.map(
    ({ name, keyId }) =>
      `<li><span class="k">${shown(name)}</span>, key <span class="k">${keyId.toString(16).padStart(8, "0")}</span>${name === checkpoint.origin ? " (the log)" : ""}</li>`,
  );
  return `<dl>
<dt>Log</dt><dd class="k">${shown(checkpoint.origin)}</dd>
<dt>Entries</dt><dd>${checkpoint.size}</dd>
<dt>Root</dt><dd class="k">${hexText(checkpoint.root)}</dd>
<dt>Signed by</dt><dd><ul>
${lines.join("\n")}
</ul></dd>
</dl>
<p class="s">Names beside the log's own are witnesses: others who say that they have seen this log grow and never fork.
Whether a signature is genuine only the check below can tell.</p>`;
}

function leafOf(bytes: Uint8Array): Leaf | null {
  try {
    return decodeLeaf(bytes);
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}

/** `2026-11-22 01:05:09`. Beyond the calendar: the number. */
function timeText(milliseconds: number): string {
  if (milliseconds > 8.64e15) return String(milliseconds);
  return new Date(milliseconds).toISOString().slice(0, -5).replace("T", " ");
}

/** A time that an event names as a number; anything else as it is. */
function timeOf(value: string): string {
  return /^[0-9]{1,16}$/.test(value) ? `${timeText(Number(value))} UTC` : value;
}

/** What would reverse, hide or move text on the page becomes visible. */
function shown(text: string): string {
  return escaped(text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd"));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => {
    const name = Object.keys(ENTITIES).find((each) => ENTITIES[each] === character);
    return `&${name};`;
  });
}
