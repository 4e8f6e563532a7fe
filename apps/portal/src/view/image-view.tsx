/** A picture: its size is read and judged before it is decoded, and it is drawn, never placed into the page. */
import type { Bytes } from "@safeconduct/foundation";
import type { ReactElement } from "react";
import { CannotShow, type FormatViewProps } from "./format-view.ts";
import { fitsLimits, pictureSize } from "./image-size.ts";
import { imageFormat } from "./kinds.ts";
import { Stage } from "./stage.tsx";
import { texts } from "./texts.ts";
import { usePrepared } from "./use-prepared.ts";

export function ImageView({ name, content, watermark }: FormatViewProps): ReactElement {
  const bitmap = usePrepared(
    () => decodedPicture(content),
    (made) => made.close(),
  );
  const { width, height } = bitmap ?? { width: 1, height: 1 };
  return (
    <Stage
      source={bitmap}
      picture={{ width, height }}
      label={bitmap === null ? name : texts.pictureLabel(name, width, height)}
      watermark={watermark}
    />
  );
}

async function decodedPicture(content: Bytes): Promise<ImageBitmap> {
  const format = imageFormat(content);
  const size = format && pictureSize(content, format);
  if (format === null || size === null) throw new CannotShow(content.length === 0 ? "empty" : "damaged");
  if (!fitsLimits(size)) throw new CannotShow("pictureTooLarge");
  try {
    return await createImageBitmap(new Blob([content], { type: format }));
  } catch {
    throw new CannotShow("damaged");
  }
}
