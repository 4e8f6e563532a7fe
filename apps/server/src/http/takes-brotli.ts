/** Whether a browser reads brotli (RFC 7932), in which the portal's files lie ready. */

/** RFC 9110 §12.5.3, of which browsers need this much: named, and not with a weight of nothing. */
export function takesBrotli(acceptEncoding: string | undefined): boolean {
  for (const item of (acceptEncoding ?? "").toLowerCase().split(",")) {
    const [coding = "", weight = "q=1"] = item.split(";").map((part) => part.trim());
    if (coding === "br") return Number(weight.slice("q=".length)) > 0;
  }
  return false;
}
