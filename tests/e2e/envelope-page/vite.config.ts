/** One classic script out of the envelope and the browser's cryptographic ports, for a blank page. */
import { fileURLToPath } from "node:url";

export default {
  root: fileURLToPath(new URL(".", import.meta.url)),
  configFile: false,
  build: {
    target: ["chrome120"],
    minify: false,
    emptyOutDir: true,
    lib: {
      entry: fileURLToPath(new URL("page.ts", import.meta.url)),
      formats: ["iife"],
      name: "envelopePage",
      fileName: () => "page.js",
    },
  },
};
