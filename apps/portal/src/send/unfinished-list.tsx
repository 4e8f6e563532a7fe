/** Sendings that this browser began and did not finish, each with a way on and a way out. */
import { planAgain } from "@safeconduct/envelope";
import { isProblem } from "@safeconduct/foundation";
import { type ReactElement, useCallback, useEffect, useState } from "react";
import type { ReadyDevice } from "../device/device-keeper.ts";
import { useNow } from "../elements/clock.ts";
import { Notice } from "../elements/notice.tsx";
import { dates, size } from "../elements/words.ts";
import { every, now as clockNow } from "../platform.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { server } from "../portal/server.ts";
import { type FoundFile, matchFiles } from "./chosen-files.ts";
import { FileChoice } from "./file-choice.tsx";
import { fileRows } from "./file-rows.ts";
import { uploadRow } from "./row-words.ts";
import { heldSendings, type KeptSending, SendingShelf } from "./sending-shelf.ts";
import { texts } from "./texts.ts";
import { resumeUpload, showLinks } from "./upload.ts";

const words = texts.unfinished;
/** Another tab may begin, end or close. */
const LOOK_EVERY_MS = 3_000;
const NOW_EVERY_MS = 20_000;
const SHOWN_NAMES = 3;

interface Unfinished {
  readonly kept: KeptSending;
  readonly isElsewhere: boolean;
}

export function UnfinishedList({ ready }: { ready: ReadyDevice }): ReactElement | null {
  const { device, ports } = ready;
  const [list, setList] = useState<readonly Unfinished[]>([]);
  const [giving, setGiving] = useState<KeptSending | null>(null);
  const { random } = ports.crypto;
  const { member } = device;

  const look = useCallback(async () => {
    const shelf = new SendingShelf(random);
    const [transfers, held] = await Promise.all([shelf.list(member, clockNow()), heldSendings()]);
    const read = await Promise.all(transfers.map((transfer) => shelf.read(member, transfer)));
    return read.flatMap((kept) => (kept === null ? [] : [{ kept, isElsewhere: held.has(kept.transfer) }]));
  }, [random, member]);
  useEffect(() => {
    let stopped = false;
    // A browser that keeps nothing has nothing unfinished.
    const show = (): void =>
      void look().then(
        (found) => !stopped && setList(found),
        () => undefined,
      );
    show();
    const end = every(LOOK_EVERY_MS, show);
    return () => {
      stopped = true;
      end();
    };
  }, [look]);

  async function giveUp(kept: KeptSending): Promise<void> {
    if (kept.sealed?.isSent !== true)
      await server.call("abandonTransfer", { path: { transfer: kept.transfer } }).catch((error: unknown) => {
        // Given up already, gone after a day, or sealed: then it is on the Transfers page.
        if (!isProblem(error) || !error.code.startsWith("transfer/")) throw error;
      });
    await new SendingShelf(random).forget(kept.transfer);
    setList(await look());
  }

  if (list.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="unfinished-title">
      <h2 id="unfinished-title">{words.title}</h2>
      <ul className="unfinished">
        {list.map(({ kept, isElsewhere }) => (
          <UnfinishedItem
            key={kept.transfer}
            kept={kept}
            isElsewhere={isElsewhere}
            ready={ready}
            onGiveUp={() => setGiving(kept)}
          />
        ))}
      </ul>
      {giving !== null && (
        <ConfirmDialog
          title={giving.sealed?.isSent === true ? words.forgetTitle : words.giveUpTitle}
          action={giving.sealed?.isSent === true ? words.forgetNow : words.giveUpNow}
          actionBusy={words.giveUpBusy}
          onConfirm={() => giveUp(giving)}
          onClose={() => setGiving(null)}
        >
          <p>{giving.sealed?.isSent === true ? words.forgetBody : words.giveUpBody}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function UnfinishedItem({
  kept,
  isElsewhere,
  ready,
  onGiveUp,
}: Unfinished & { ready: ReadyDevice; onGiveUp: () => void }): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const who = kept.begun.recipients.map(({ address }) => address).join(", ");
  const isOurs = kept.begun.device === ready.device.device;

  function goOn(found: readonly FoundFile[]): void {
    const matched = matchFiles(kept.known, found);
    setMissing(matched.missing);
    if (matched.missing.length > 0) return;
    const rows = rowsOf(kept);
    resumeUpload(kept, { device: ready.device, files: matched.files, rows });
  }

  return (
    <li className="stack-tight">
      <p>
        <b className="file-name">{words.to(who)}</b>
      </p>
      <p className="soft small">
        {words.begun(dates.short(kept.begunAt), dates.relative(kept.begunAt, Math.max(now, kept.begunAt)))} ·{" "}
        {texts.files.total(kept.known.length, size(kept.known.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)))}
      </p>
      <p>{standing(kept, { isElsewhere, isOurs })}</p>
      {missing.length > 0 && (
        <Notice tone="bad">
          <p>{words.missing(missing.length, missing.slice(0, SHOWN_NAMES).join(", "))}</p>
        </Notice>
      )}
      {!isElsewhere && isOurs && kept.sealed === null && (
        <>
          <p className="small">{words.chooseAgain}</p>
          <FileChoice id={`again-${kept.transfer}`} onFound={goOn} />
        </>
      )}
      {!isElsewhere && (
        <div className="row">
          {kept.sealed !== null && (isOurs || kept.sealed.isSent) && (
            <button
              type="button"
              className="button small"
              aria-label={words.goOnLabel(who)}
              onClick={() =>
                kept.sealed?.isSent === true
                  ? showLinks(kept)
                  : resumeUpload(kept, { device: ready.device, files: [], rows: rowsOf(kept) })
              }
            >
              {kept.sealed.isSent ? words.showLinks : words.goOn}
            </button>
          )}
          <button
            type="button"
            className="button quiet small bad"
            aria-label={words.giveUpLabel(who)}
            onClick={onGiveUp}
          >
            {kept.sealed?.isSent === true ? words.forgetNow : words.giveUp}
          </button>
        </div>
      )}
    </li>
  );
}

/** Series are not known any more; folders are. */
const rowsOf = ({ known }: KeptSending) =>
  fileRows(known.map(({ name, sizeBytes }) => ({ name, sizeBytes, facts: null }))).map(uploadRow);

function standing(kept: KeptSending, { isElsewhere, isOurs }: { isElsewhere: boolean; isOurs: boolean }): string {
  if (isElsewhere) return words.elsewhere;
  if (kept.sealed?.isSent === true) return words.sent;
  if (!isOurs) return words.otherDevice;
  if (kept.sealed !== null) return words.sealed;
  const stored = kept.parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return words.arrived(Math.floor((100 * stored) / planAgain(kept.begun).blobLengthBytes));
}
