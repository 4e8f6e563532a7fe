/**
 * Files that the recipient's page cannot show: where nothing but viewing is allowed, nobody could open them. A file without an ending
 * is decided by its content when it is opened, so here it counts as one that can be shown.
 */
import { mediaTypeOf } from "@safeconduct/client";
import { namedKind, VIEW_LIMITS_BYTES } from "../view/kinds.ts";
import type { ChosenFile } from "./chosen-files.ts";

export const unseenFiles = <File extends Pick<ChosenFile, "name" | "sizeBytes">>(files: readonly File[]): File[] =>
  files.filter(({ name, sizeBytes }) => {
    const kind = namedKind({ path: name, mediaType: mediaTypeOf(name) });
    return kind === null || sizeBytes > VIEW_LIMITS_BYTES[kind];
  });
