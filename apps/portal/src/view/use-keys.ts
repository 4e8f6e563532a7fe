/** Keys of a format while it is shown, wherever the focus is in the viewer but for fields that take text or choices. */
import { useEffect, useEffectEvent } from "react";

/** `onKey` answers whether the key was meant; then nobody else gets it. */
export function useKeys(onKey: (key: string) => boolean): void {
  const act = useEffectEvent(onKey);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest("input, select, textarea") !== null) return;
      if (act(event.key)) event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
