/** Modules of pdf.js and of the codecs, which bring no types, and the addresses of their WebAssembly. Defaults, because that is what they give. */
declare module "@cornerstonejs/codec-openjpeg/decodewasmjs" {
  const factory: (settings: object) => Promise<unknown>;
  export { factory as default };
}
declare module "@cornerstonejs/codec-charls/decodewasmjs" {
  const factory: (settings: object) => Promise<unknown>;
  export { factory as default };
}
declare module "*/decodewasm?url" {
  const address: string;
  export { address as default };
}
declare module "pdfjs-dist/build/pdf.worker.min.mjs" {}
