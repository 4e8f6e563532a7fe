/** The watermark over text and tables: a canvas that lies over what is read and lets every touch through. */
import { type ReactElement, useLayoutEffect, useRef } from "react";
import { drawWatermark, type Watermark } from "./watermark.ts";

export function WatermarkLayer({ watermark }: { watermark: Watermark }): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return undefined;
    const draw = (): void => {
      const density = devicePixelRatio;
      const { width, height } = element.getBoundingClientRect();
      element.width = Math.max(1, Math.round(width * density));
      element.height = Math.max(1, Math.round(height * density));
      drawWatermark(context, watermark, { width, height, density });
    };
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    draw();
    return () => observer.disconnect();
  }, [watermark]);
  return <canvas ref={canvas} className="watermark-layer" aria-hidden="true" />;
}
