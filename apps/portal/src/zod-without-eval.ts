/**
 * Imported before anything that makes a schema: zod otherwise tries `new Function` for speed, which the content
 * security policy refuses and reports.
 */
import { z } from "zod";

z.config({ jitless: true });
