/**
 * Files that the recipient's page cannot show: where nothing but viewing is allowed, nobody could open them. A file without an ending
 * is decided by its content when it is opened, so here it counts as one that can be shown.
 */
import { mediaTypeOf } from "@safeconduct/client";
import { canShow } from "../view/kinds.ts";
import type { ChosenFile } from "./chosen-files.ts";

/** As much of it as a list of names needs. */
export type UnseenFile = Pick<ChosenFile, "key" | "name">;

export const unseenFiles = <File extends Pick<ChosenFile, "name" | "sizeBytes">>(files: readonly File[]): File[] =>
  files.filter(({ name, sizeBytes }) => !canShow({ path: name, mediaType: mediaTypeOf(name), sizeBytes }));
