/** Progress in steps that eyes can follow: drawn anew for each of twenty parts in a second, it costs the encryption its time. */
import type { UploadNews } from "./upload-messages.ts";

/** Of progress the first at once, then the newest every `everyMs`; all other news at once, after the progress before them. */
export function steadyNews(tell: (news: UploadNews) => void, everyMs = 250): (news: UploadNews) => void {
  let waiting: UploadNews | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const tellWaiting = (): void => {
    if (waiting !== null) tell(waiting);
    waiting = null;
  };
  const rest = (): void => {
    timer = setTimeout(() => {
      timer = null;
      if (waiting === null) return;
      tellWaiting();
      rest();
    }, everyMs);
  };
  return (news) => {
    if (news.kind !== "progress") {
      tellWaiting();
      tell(news);
    } else if (timer === null) {
      tell(news);
      rest();
    } else waiting = news;
  };
}
