/**
 * Builds the two entries of the portal into dist/: `index.html` for members and `receive.html`, the recipient's own
 * small page. The result runs under a policy without inline code, without third parties and with Trusted Types,
 * so nothing is inlined here, and every file that an HTML page names carries its hash (Subresource Integrity). Beside each file
 * that grows smaller by it stands the same in brotli, `NAME.br`, which the server sends as it is.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// One bundle from one set of sources, whoever builds it: a test run must not serve React's development build.
process.env["NODE_ENV"] = "production";

const entry = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The frame of every page, and what speaks to the server: in one file, whatever else shares it. */
const BASE = [
  /\/portal\/src\/platform\.ts$/,
  /\/portal\/src\/elements\/(?:clock|dates|error-boundary|form|instance|language|language-choice|mark|notice|page)\.tsx?$/,
  /\/portal\/src\/elements\/(?:problems|problem-words|sizes|texts|words)\.ts$/,
  /\/packages\/foundation\/src\/(?:binary|bytes|ids|problems)\.ts$/,
  /\/packages\/contract\/src\/(?:bounded-body|client|hand-read|plain|route)\.ts$/,
  /\/packages\/(?:client|envelope)\/src\/link\.ts$/,
  /vite\/preload-helper/,
];

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  resolve: { alias: [{ find: /^zod$/, replacement: entry("src/zod-without-eval.ts") }] },
  plugins: [react(), viewerData(), subresourceIntegrity(), compressedBeside()],
  // Workers load their codecs when they need them, from files of ours.
  worker: { format: "es" },
  build: {
    target: ["chrome120", "firefox121", "safari17"],
    // A data: URI would need a hole in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        index: entry("index.html"),
        receive: entry("receive.html"),
        "reading/worker": entry("src/reading/worker.ts"),
        "saving/worker": entry("src/saving/worker.ts"),
      },
      // A service worker's reach is the folder that it comes from, and a new one is found by its old name.
      output: {
        entryFileNames: ({ name }) => (/^(?:reading|saving)\//.test(name) ? "[name].js" : "assets/[name]-[hash].js"),
        // What both pages load first, in two files instead of twenty: each file is a way to the server and back, and small ones compress badly.
        codeSplitting: {
          groups: [
            { name: "react", test: /\/node_modules\/(?:react|react-dom|scheduler)\// },
            { name: "base", test: (id) => BASE.some((part) => part.test(id)) },
          ],
        },
      },
    },
  },
});

/** What pdf.js asks for by name: maps of characters, standard fonts, decoders. The version in the name stands for the content's hash. */
function viewerData(): Plugin {
  const place = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
  const { version } = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as { version: string };
  return {
    name: "viewer-data",
    apply: "build",
    generateBundle() {
      for (const folder of ["cmaps", "standard_fonts", "wasm"]) {
        for (const name of readdirSync(join(place, folder))) {
          // Not the one that runs the scripts of a document.
          if (!/\.(?:bcmap|pfb|ttf|wasm)$/u.test(name) || name.startsWith("quickjs")) continue;
          const source = readFileSync(join(place, folder, name));
          this.emitFile({ type: "asset", fileName: `assets/pdfjs-${version}-${name}`, source });
        }
      }
    },
  };
}

/** Adds `integrity` to every script and style sheet of the built pages (W3C SRI, SHA-384). */
function subresourceIntegrity(): Plugin {
  return {
    name: "subresource-integrity",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const page of Object.values(bundle)) {
          if (page.type !== "asset" || !page.fileName.endsWith(".html")) continue;
          page.source = String(page.source).replace(
            /<(?:script|link rel="(?:modulepreload|stylesheet)")(?=\s)[^>]*?\b(?:src|href)="\/(assets\/[^"]+)"/gu,
            (tag, fileName: string) => {
              const file = bundle[fileName];
              if (file === undefined) throw new Error(`${page.fileName} names ${fileName}, which was not built`);
              const content = file.type === "chunk" ? file.code : file.source;
              return `${tag} integrity="sha384-${createHash("sha384").update(content).digest("base64")}"`;
            },
          );
        }
      },
    },
  };
}

/** What no format of its own has made small already. */
const COMPRESSIBLE = /\.(?:html|js|css|svg|wasm)$/u;
/** Less is one packet either way. */
const LEAST_BYTES = 1024;
/** The best that brotli can do takes a second for React; beyond this length, where it takes many, the step before it is nearly as small. */
const BEST_LIMIT_BYTES = 256 * 1024;
const [BEST_QUALITY, QUICK_QUALITY] = [11, 9];

/** Compressed once for everybody (RFC 7932). Only files of ours: they hold no secret, so their length tells none (BREACH). */
function compressedBeside(): Plugin {
  const compress = promisify(brotliCompress);
  return {
    name: "compressed-beside",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      async handler(_, bundle) {
        const files = Object.values(bundle).filter(({ fileName }) => COMPRESSIBLE.test(fileName));
        await Promise.all(
          files.map(async (file) => {
            const content = Buffer.from(file.type === "chunk" ? file.code : file.source);
            if (content.length < LEAST_BYTES) return;
            const quality = content.length <= BEST_LIMIT_BYTES ? BEST_QUALITY : QUICK_QUALITY;
            const source = await compress(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
            if (source.length < content.length) {
              this.emitFile({ type: "asset", fileName: `${file.fileName}.br`, source });
            }
          }),
        );
      },
    },
  };
}
