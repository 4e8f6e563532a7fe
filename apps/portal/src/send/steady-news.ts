/** Progress in steps that eyes can follow: drawn anew for each of twenty parts in a second, it costs the encryption its time. */
import type { UploadNews } from "./upload-messages.ts";

const EVERY_MS = 250;

/** Of progress the first at once, then the newest of each while; all other news at once, after the progress before them. */
export function steadyNews(
  tell: (news: UploadNews) => void,
  wait: (milliseconds: number) => Promise<void>,
): (news: UploadNews) => void {
  let waiting: UploadNews | null = null;
  let isResting = false;
  const tellWaiting = (): void => {
    if (waiting !== null) tell(waiting);
    waiting = null;
  };
  const rest = async (): Promise<void> => {
    isResting = true;
    await wait(EVERY_MS);
    isResting = false;
    if (waiting === null) return;
    tellWaiting();
    await rest();
  };
  return (news) => {
    if (news.kind !== "progress") {
      tellWaiting();
      tell(news);
    } else if (isResting) waiting = news;
    else {
      tell(news);
      void rest();
    }
  };
}
