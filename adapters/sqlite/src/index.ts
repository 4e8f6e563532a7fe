/** Floor 3: the embedded database on node:sqlite. */
export { isWholeDatabase } from "./database-check.ts";
export { type FolderLock, lockFolder } from "./file-lock.ts";
export { openSqlite, type OpenSqlite } from "./open-sqlite.ts";
