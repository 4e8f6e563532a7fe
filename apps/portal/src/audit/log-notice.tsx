/** What it means when the log is not believed, and the one way on that is not careless. */
import { type ReactElement, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { useInstance } from "../elements/instance.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { forgetLog } from "./log-memory.ts";
import type { LogVerdict } from "./log-trust.ts";
import { texts } from "./texts.ts";

export function LogNotice({ log, onJudge }: { log: LogVerdict | null; onJudge: () => void }): ReactElement | null {
  const shown = useInstance()?.ledger.verifierKey ?? "";
  const [isAsking, setAsking] = useState(false);
  if (log === null || log.believed) return null;
  return (
    <Notice tone="bad">
      <p>
        <b>{texts.refusal[log.refusal]}</b>
      </p>
      {log.refusal !== "unreachable" && <p>{texts.refusalNext}</p>}
      {log.refusal === "key-changed" && (
        <dl className="facts small">
          <div>
            <dt>{texts.remembered}</dt>
            <dd className="mono">{log.remembered}</dd>
          </div>
          <div>
            <dt>{texts.shownKey}</dt>
            <dd className="mono">{shown}</dd>
          </div>
        </dl>
      )}
      <div className="row">
        <button type="button" className="button quiet small" onClick={onJudge}>
          {texts.tryAgain}
        </button>
        {log.refusal === "key-changed" && (
          <button type="button" className="button quiet small bad" onClick={() => setAsking(true)}>
            {texts.trustNew}
          </button>
        )}
      </div>
      {isAsking && (
        <ConfirmDialog
          title={texts.trustTitle}
          action={texts.trustAction}
          actionBusy={texts.trustBusy}
          onConfirm={async () => {
            forgetLog();
            onJudge();
          }}
          onClose={() => setAsking(false)}
        >
          <p>{texts.trustBody}</p>
          <p className="mono small">{shown}</p>
        </ConfirmDialog>
      )}
    </Notice>
  );
}
