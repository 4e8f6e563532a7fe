/** What was found, all of it, as a file. */
import { type ReactElement, useState } from "react";
import { problemOf } from "../elements/problems.ts";
import { saveBlob } from "../elements/save.ts";
import { now } from "../platform.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { type Asked, requestOf } from "./asked.ts";
import { dayOf } from "./days.ts";
import { texts } from "./texts.ts";

type Format = "csv" | "json";

export function ExportButtons({ asked }: { asked: Asked }): ReactElement {
  const keeper = useSession();
  const [busy, setBusy] = useState<Format | null>(null);
  const [said, setSaid] = useState<{ readonly words: string; readonly failed: boolean } | null>(null);

  async function save(format: Format): Promise<void> {
    if (busy !== null) return;
    setBusy(format);
    setSaid(null);
    try {
      const response = await server.stream("exportAudit", { body: { ...requestOf(asked), format } });
      saveBlob(await response.blob(), `audit-${dayOf(now())}.${format}`);
      setSaid({ words: texts.exported, failed: false });
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (!leaveIfSignedOut(keeper, problem)) setSaid({ words: problem.message, failed: true });
    } finally {
      setBusy(null);
    }
  }

  return (
    <section className="stack-tight" aria-labelledby="export-heading">
      <h3 id="export-heading">{texts.exportHeading}</h3>
      <div className="row">
        {(["csv", "json"] as const).map((format) => (
          <button
            key={format}
            type="button"
            className="button quiet small"
            aria-disabled={busy !== null}
            onClick={() => void save(format)}
          >
            {busy === format ? texts.exporting : format === "csv" ? texts.exportCsv : texts.exportJson}
          </button>
        ))}
      </div>
      <p className="soft small">{texts.exportNote}</p>
      <p className={said?.failed === true ? "wrong" : "small"} role="status">
        {said?.words}
      </p>
    </section>
  );
}
