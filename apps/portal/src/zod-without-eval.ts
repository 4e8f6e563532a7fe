/**
 * What `zod` is in the portal's build (vite.config.ts): the same, told before any schema is made not to try `new Function`, which the
 * content security policy refuses and reports. As an import of its own it came too late once the bundler had moved it to another file.
 */
import { z } from "zod/v4";

z.config({ jitless: true });

export * from "zod/v4";
