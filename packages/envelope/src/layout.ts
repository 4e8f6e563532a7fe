/**
 * The layouts of a package, which differ in the length of their segments. The version of the seal names the layout, under the
 * sender's signature and before a range is read. Layout 2 is written, layout 1 is read for ever and gone on with where an earlier
 * client began. Browsers take memory under 960 KB from what they have, so that half the segment costs them half (ADR 26).
 */
import type { Bytes } from "@safeconduct/foundation";
import { announcedSegmentBytes, type FloeParameters, SEGMENT_OVERHEAD_BYTES, SEGMENT_PLAINTEXT_BYTES } from "./floe.ts";

export type PackageLayout = 1 | 2;
export type ManifestVersion = 1 | 2 | 3;

export const WRITTEN_LAYOUT: PackageLayout = 2;

/** Of layout 1; that of layout 2 is what FLOE starts with. */
const FIRST_FLOE: FloeParameters = { encryptedSegmentBytes: 1 << 20 };

/** Plaintext of each segment but the last. */
export const segmentPlaintextOf = (layout: PackageLayout): number =>
  layout === 1 ? FIRST_FLOE.encryptedSegmentBytes - SEGMENT_OVERHEAD_BYTES : SEGMENT_PLAINTEXT_BYTES;

/** What stands in an attacker-controlled seal; null for anything else. */
export const layoutNumbered = (version: number): PackageLayout | null =>
  version === 1 || version === 2 ? version : null;

/** The manifest that is written with a layout. */
export const manifestVersionOf = (layout: PackageLayout): ManifestVersion => (layout === 1 ? 2 : 3);

/** The only layout that goes with a manifest. */
export const layoutOfManifest = (version: ManifestVersion): PackageLayout => (version === 3 ? 2 : 1);

/** That of a package that was begun, by the headers its writer drew; whether they are sound, only a resume tells. */
export const layoutOfHeaders = (headers: Bytes): PackageLayout =>
  announcedSegmentBytes(headers) === FIRST_FLOE.encryptedSegmentBytes ? 1 : WRITTEN_LAYOUT;
