/** The one function that is used of the package `qrcode`, which brings no types: symbol creation without its renderers. */
declare module "qrcode/lib/core/qrcode.js" {
  export function create(
    text: string,
    options: { errorCorrectionLevel: "L" | "M" | "Q" | "H" },
  ): { modules: { size: number; get(row: number, column: number): number } };
}
