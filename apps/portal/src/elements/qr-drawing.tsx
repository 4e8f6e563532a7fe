/** A QR code (ISO/IEC 18004) as one SVG path: always dark on white with its quiet zone, or scanners fail in dark mode. */
import { create } from "qrcode/lib/core/qrcode.js";
import type { ReactElement } from "react";

/** Modules of empty edge that the standard asks for. */
const QUIET_ZONE = 4;

export function QrDrawing({ text, label }: { text: string; label: string }): ReactElement {
  const { modules } = create(text, { errorCorrectionLevel: "M" });
  const side = modules.size + 2 * QUIET_ZONE;
  return (
    <svg viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={side} height={side} fill="#ffffff" />
      <path d={darkModules(modules)} fill="#000000" />
    </svg>
  );
}

function darkModules(modules: { size: number; get(row: number, column: number): number }): string {
  let path = "";
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column) !== 0) path += `M${column + QUIET_ZONE} ${row + QUIET_ZONE}h1v1h-1z`;
    }
  }
  return path;
}

/** A secret for typing in: authenticators ignore the spaces; people do not lose their place. */
export const groupsOfFour = (secret: string): string => secret.replace(/(.{4})(?=.)/gu, "$1 ");
