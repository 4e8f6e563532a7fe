/** Floor 3: blobs in a folder of the local file system. */
export { blobAudit } from "./blob-audit.ts";
export { openBlobFolder } from "./blob-folder.ts";
export type { BlobProblemCode } from "./errors.ts";
export { type BlobFile, type BlobFileSystem, nodeFileSystem } from "./file-system.ts";
