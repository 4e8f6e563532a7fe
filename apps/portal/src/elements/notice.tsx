/** A block that tells one thing and what can be done about it. */
import type { ReactElement, ReactNode } from "react";

export type Tone = "note" | "good" | "warn" | "bad";

export function Notice({ tone, children }: { tone: Tone; children: ReactNode }): ReactElement {
  return (
    <div className={`notice stack-tight ${tone}`} role={tone === "bad" ? "alert" : undefined}>
      {children}
    </div>
  );
}
