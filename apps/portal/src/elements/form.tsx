/** Forms: labels, hints, an error summary on top that takes the focus, the same words beside the field (WCAG 2.2, 3.3.1). */
import { type ReactElement, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import type { FieldProblem } from "./problems.ts";
import { texts } from "./texts.ts";

export interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: ReactNode;
  readonly type?: "text" | "email" | "password";
  readonly autoComplete: string;
  readonly inputMode?: "numeric" | "email";
  readonly className?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problems: readonly FieldProblem[];
  /** Inside the field's own box, for a button that belongs to the input. */
  readonly children?: ReactNode;
}

export function Field(props: FieldProps): ReactElement {
  const { id, label, hint, problems, children } = props;
  const wrong = problems.find((problem) => problem.field === id)?.message;
  const described = [hint === undefined ? "" : `${id}-hint`, wrong === undefined ? "" : `${id}-wrong`].join(" ").trim();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {wrong !== undefined && (
        <p className="wrong" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
      <div className={children === undefined ? undefined : "with-toggle"}>
        <input
          id={id}
          name={id}
          type={props.type ?? "text"}
          className={props.className}
          autoComplete={props.autoComplete}
          inputMode={props.inputMode}
          spellCheck={false}
          autoCapitalize="none"
          value={props.value}
          aria-invalid={wrong !== undefined}
          aria-describedby={described === "" ? undefined : described}
          onChange={(event) => props.onChange(event.target.value)}
        />
        {children}
      </div>
    </div>
  );
}

/** One text field for a six-digit code: pasting, spaces and the telephone's own suggestion all work. */
export function CodeField(
  props: Omit<FieldProps, "type" | "autoComplete" | "inputMode" | "className" | "children">,
): ReactElement {
  return <Field {...props} autoComplete="one-time-code" inputMode="numeric" className="code" />;
}

export function PasswordField(props: Omit<FieldProps, "type" | "children">): ReactElement {
  const [shown, setShown] = useState(false);
  return (
    <Field {...props} type={shown ? "text" : "password"}>
      <button
        type="button"
        className="text-button"
        aria-label={shown ? texts.hidePassword : texts.showPassword}
        onClick={() => setShown(!shown)}
      >
        {shown ? texts.hide : texts.show}
      </button>
    </Field>
  );
}

/** The summary of what has to be put right. Takes the focus each time it is given new problems. */
export function ErrorSummary({ problems }: { problems: readonly FieldProblem[] }): ReactElement | null {
  const element: RefObject<HTMLDivElement | null> = useRef(null);
  useEffect(() => {
    if (problems.length > 0) element.current?.focus();
  }, [problems]);
  if (problems.length === 0) return null;
  return (
    <div className="error-summary" ref={element} tabIndex={-1} role="alert" aria-labelledby="error-summary-title">
      <h2 id="error-summary-title">{texts.problemHeading}</h2>
      <ul>
        {problems.map(({ field, message }) => (
          <li key={`${field} ${message}`}>
            {field === null ? (
              message
            ) : (
              <a href={`#${field}`} onClick={(event) => focusField(event, field)}>
                {message}
              </a>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function focusField(event: { preventDefault: () => void }, field: string): void {
  event.preventDefault();
  document.getElementById(field)?.focus();
}

/** A submit button that keeps the focus while it works: a disabled one would drop it. */
export function SubmitButton({
  busy,
  label,
  busyLabel,
  wide = false,
}: {
  busy: boolean;
  label: string;
  busyLabel: string;
  wide?: boolean;
}): ReactElement {
  return (
    <button type="submit" className={wide ? "button wide" : "button"} aria-disabled={busy}>
      {busy ? busyLabel : label}
    </button>
  );
}

/** Runs one submission at a time; `send` returns what is wrong, or nothing. */
export function useSubmission(send: () => Promise<readonly FieldProblem[]>): {
  problems: readonly FieldProblem[];
  busy: boolean;
  submit: (event?: { preventDefault: () => void }) => void;
  setProblems: (problems: readonly FieldProblem[]) => void;
} {
  const [problems, setProblems] = useState<readonly FieldProblem[]>([]);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  async function run(): Promise<void> {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      setProblems(await send());
    } finally {
      running.current = false;
      setBusy(false);
    }
  }
  return {
    problems,
    busy,
    setProblems,
    submit(event) {
      event?.preventDefault();
      void run();
    },
  };
}
