/** Opening the viewer from the list, and coming back to where one was. The viewer's program is loaded with the first press. */
import type { ManifestFile } from "@safeconduct/envelope";
import type { Problem } from "@safeconduct/foundation";
import { type ComponentType, type ReactElement, useEffect, useRef, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { problemOf } from "../elements/problems.ts";
import { namedKind } from "../view/kinds.ts";
import type { ViewerProps } from "../view/viewer.tsx";
import { texts } from "./texts.ts";
import type { Package } from "./visit.ts";

const words = texts.files;

export interface Viewing {
  /** What opens this file, or null where the page cannot show it. */
  readonly viewOf: (file: ManifestFile) => (() => void) | null;
  /** Whether the last view met the end of the session. */
  readonly sessionEnded: boolean;
  /** The viewer while it is open, else what is to be said about it. */
  readonly element: ReactElement | null;
}

type State =
  | { readonly name: "closed" | "loading" | "unloadable" }
  | { readonly name: "open"; readonly file: ManifestFile; readonly program: ComponentType<ViewerProps> };

export function useViewing({
  opened,
  onRefused,
  onDownload,
}: {
  opened: Package;
  onRefused: (problem: Problem) => void;
  onDownload: ((file: ManifestFile) => void) | null;
}): Viewing {
  const [state, setState] = useState<State>({ name: "closed" });
  const [sessionEnded, setSessionEnded] = useState(false);
  const openedFrom = useRef<Element | null>(null);
  const isOpen = state.name === "open";

  useEffect(() => {
    if (isOpen || !(openedFrom.current instanceof HTMLElement)) return;
    openedFrom.current.focus();
    openedFrom.current = null;
  }, [isOpen]);

  async function view(file: ManifestFile): Promise<void> {
    const from = document.activeElement;
    setState({ name: "loading" });
    try {
      const { Viewer } = await import("../view/viewer.tsx");
      setState({ name: "open", file, program: Viewer });
      openedFrom.current = from;
    } catch {
      setState({ name: "unloadable" });
    }
  }

  return {
    viewOf: (file) => (namedKind(file) === null ? null : () => void view(file)),
    sessionEnded,
    element: elementOf(),
  };

  function elementOf(): ReactElement | null {
    switch (state.name) {
      case "closed":
        return null;
      case "loading":
        return <p role="status">{words.viewLoading}</p>;
      case "unloadable":
        return (
          <Notice tone="bad">
            <p>{words.viewFailed}</p>
          </Notice>
        );
      case "open": {
        const { file, program: Viewer } = state;
        return (
          <Viewer
            file={file}
            files={opened.opened.manifest.files}
            readWhole={opened.readWhole}
            problemOf={problemOf}
            address={opened.address}
            onDownload={onDownload && (() => onDownload(file))}
            onProblem={(problem) => {
              setSessionEnded(problem.code === "grant/session-required");
              onRefused(problem);
            }}
            onClose={() => setState({ name: "closed" })}
          />
        );
      }
    }
  }
}
