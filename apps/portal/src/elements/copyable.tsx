/** Text to copy with one press; the success is announced. */
import { Fragment, type ReactElement, useState } from "react";
import { texts } from "./texts.ts";

export function CopyButton({
  text,
  label,
  small = true,
}: {
  text: string;
  label: string;
  small?: boolean;
}): ReactElement {
  const [outcome, setOutcome] = useState<"none" | "copied" | "failed">("none");
  async function copy(): Promise<void> {
    setOutcome("none");
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      setOutcome("failed");
    }
  }
  return (
    <>
      <button
        type="button"
        className={small ? "button quiet small" : "button quiet"}
        aria-label={outcome === "copied" ? undefined : label}
        onClick={() => void copy()}
      >
        {outcome === "copied" ? texts.copied : texts.copy}
      </button>
      <span className={outcome === "failed" ? "small soft" : "visually-hidden"} role="status">
        {outcome === "copied" && texts.copied}
        {outcome === "failed" && texts.copyFailed}
      </span>
    </>
  );
}

/** `label` names the button for those who do not see what stands beside it: "Copy the API token". */
export function Copyable({ text, label }: { text: string; label: string }): ReactElement {
  return (
    <div className="copyable">
      <code>
        {text.split(" ").map((word, index) => (
          // The words of one command never change places.
          // oxlint-disable-next-line react/no-array-index-key
          <Fragment key={index}>
            {index > 0 && " "}
            <span>{word}</span>
          </Fragment>
        ))}
      </code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
