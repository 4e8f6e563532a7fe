/** Floor 3: a log in a folder of the local file system, in the layout of C2SP tlog-tiles, ready to be served or copied. */
export * from "./file-system.ts";
export * from "./note-file.ts";
export * from "./tile-folder.ts";
export * from "./tile-store.ts";
export * from "./witness-folder.ts";
