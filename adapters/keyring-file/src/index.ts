/** The key service's folder on a file system: lock, ring, journal, master keys, own keys. */
export { type FileSystem, nodeFileSystem, type OpenFile } from "./file-system.ts";
export { FolderInUse } from "./instance-lock.ts";
export * from "./key-folder.ts";
export { parseTokenUri, readTokenAddress, type TokenAddress, type TokenUri } from "./token-address.ts";
