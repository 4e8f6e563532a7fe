/** The drawing of each kind of file, loaded when the first file of that kind is opened. */
import type { ComponentType } from "react";
import type { FormatViewProps } from "./format-view.ts";
import type { ViewKind } from "./kinds.ts";

export const FORMATS: Readonly<Record<ViewKind, () => Promise<ComponentType<FormatViewProps>>>> = {
  text: async () => (await import("./text-view.tsx")).TextView,
  csv: async () => (await import("./csv-view.tsx")).CsvView,
  json: async () => (await import("./json-view.tsx")).JsonView,
  xml: async () => (await import("./xml-view.tsx")).XmlView,
  pdf: async () => (await import("./pdf-view.tsx")).PdfView,
  dicom: async () => (await import("./dicom/dicom-view.tsx")).DicomView,
  image: async () => (await import("./image-view.tsx")).ImageView,
};
