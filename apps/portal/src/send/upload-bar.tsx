/** A line above every other page while something is being sent, and until its links were looked at. */
import "./upload-bar.css";
import { type ReactElement, useEffect } from "react";
import type { SessionKeeper } from "../portal/session.ts";
import { texts } from "./texts.ts";
import { type UploadState, uploadSlot } from "./upload-slot.ts";

const words = texts.bar;

export function UploadBar({
  upload,
  keeper,
  isHidden,
}: {
  upload: UploadState;
  keeper: SessionKeeper;
  /** On the page that shows it all. */
  isHidden: boolean;
}): ReactElement | null {
  useSessionOf(upload, keeper);
  const text = wordsOf(upload);
  if (isHidden || text === null) return null;
  return (
    <aside className="upload-bar" aria-label={words.label}>
      {upload.name === "running" && <progress aria-label={text} max={1} value={shareOf(upload)} />}
      <p>{text}</p>
      {keeper.session.state === "in" && <a href="/send">{words.open}</a>}
    </aside>
  );
}

/** The upload waits while nobody is signed in, and goes on for the same person alone. */
function useSessionOf(upload: UploadState, { session, signedOut, why }: SessionKeeper): void {
  const member = session.state === "in" ? session.who.member.id : null;
  const hasLeft = session.state === "out" && why === "left";
  const isSignedOut = upload.name === "running" && upload.isSignedOut;
  useEffect(() => {
    if (member !== null) uploadSlot.handle?.signedIn(member);
  }, [member]);
  useEffect(() => {
    if (!hasLeft) return;
    uploadSlot.handle?.left();
    // Links belong to whoever left.
    uploadSlot.put({ name: "none" });
  }, [hasLeft]);
  useEffect(() => {
    if (isSignedOut) signedOut("ended");
    // The keeper is another object at each drawing of the frame.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [isSignedOut]);
}

function wordsOf(upload: UploadState): string | null {
  switch (upload.name) {
    case "running": {
      const percent = Math.floor(100 * shareOf(upload));
      if (upload.isSignedOut) return words.signedOut;
      if (upload.isPaused) return words.paused(percent);
      if (upload.isWaiting) return words.waiting;
      return upload.totalBytes === 0 ? words.preparing : words.sending(percent);
    }
    case "sent":
      return words.sent;
    case "failed":
      return words.failed;
    default:
      return null;
  }
}

const shareOf = ({ storedBytes, totalBytes }: Extract<UploadState, { name: "running" }>): number =>
  totalBytes === 0 ? 0 : storedBytes / totalBytes;
