/** Step 2: who gets the files, how each proves who they are, and what the files are for. */
import { LANGUAGES, LIMITS, mailAddress, PURPOSES, type Purpose } from "@safeconduct/contract";
import type { SecondFactorKind } from "@safeconduct/envelope";
import { type ClipboardEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { Field } from "../elements/form.tsx";
import { LANGUAGE_NAMES } from "../elements/language.ts";
import type { FieldProblem } from "../elements/problems.ts";
import { purposeWords } from "../elements/words.ts";
import { server } from "../portal/server.ts";
import { readAddresses } from "./addresses.ts";
import { RadioGroup, SelectField } from "./choice.tsx";
import { newRecipient, type RecipientDraft } from "./draft.ts";
import { draftKeeper, useDraft } from "./draft-slot.ts";
import { texts } from "./texts.ts";

const words = texts.people;
const FACTORS = ["passcode", "authenticator", "passkey"] as const satisfies readonly SecondFactorKind[];

const LANGUAGE_OPTIONS = LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }));

export const recipientField = (
  key: number,
  what: "address" | "name" | "organisation" | "language" | "factor",
): string => `recipient-${key}-${what}`;

export function PeopleCard({ problems }: { problems: readonly FieldProblem[] }): ReactElement {
  const { draft } = useDraft();
  const { recipients, purpose, handling } = draft;
  const [told, setTold] = useState<readonly string[]>([]);
  const [focused, setFocused] = useState<number | null>(null);
  const addButton = useRef<HTMLButtonElement>(null);

  const nextKey = (): number => Math.max(0, ...recipients.map(({ key }) => key)) + 1;

  function pasted(event: ClipboardEvent, key: number): void {
    const { found, left } = readAddresses(event.clipboardData.getData("text/plain"));
    // A single address goes the browser's own way, where it was typed.
    if (found.length < 2 && found[0]?.name !== "" && found.length > 0) {
      event.preventDefault();
      put(recipients.map((each) => (each.key === key ? { ...each, ...found[0] } : each)));
      return;
    }
    if (found.length < 2) return;
    event.preventDefault();
    const room = LIMITS.recipientsPerTransfer - recipients.filter(({ address }) => address.trim() !== "").length;
    const first = nextKey();
    const fresh = found.slice(0, Math.max(0, room)).map((each, index) => newRecipient(first + index, each));
    put([...recipients.filter(({ address }) => address.trim() !== ""), ...fresh]);
    setTold([words.pasted(fresh.length), ...left.slice(0, 3).map((piece) => words.notPasted(piece))]);
  }

  function add(): void {
    const key = nextKey();
    put([...recipients, newRecipient(key)]);
    setFocused(key);
  }

  function remove(key: number): void {
    put(recipients.filter((each) => each.key !== key));
    addButton.current?.focus();
  }

  return (
    <section className="card stack" aria-labelledby="people-title">
      <h2 id="people-title">{words.title}</h2>
      {recipients.map((recipient, index) => (
        <RecipientFields
          key={recipient.key}
          recipient={recipient}
          number={index + 1}
          isFocused={focused === recipient.key}
          isAlone={recipients.length === 1}
          isPublic={handling === "public"}
          problems={problems}
          onPaste={(event) => pasted(event, recipient.key)}
          onRemove={() => remove(recipient.key)}
        />
      ))}
      <div role="status" className="small">
        {told.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {recipients.length < LIMITS.recipientsPerTransfer && (
        <button type="button" ref={addButton} className="button quiet small" onClick={add}>
          {words.add}
        </button>
      )}
      <div className="two-fields">
        <SelectField<Purpose | "">
          id="purpose"
          label={words.purpose}
          hint={purpose === null ? undefined : words.purposes[purpose]}
          wrong={problems.find(({ field }) => field === "purpose")?.message}
          value={purpose ?? ""}
          options={[
            { value: "", label: words.choosePurpose, disabled: true },
            ...PURPOSES.map((code) => ({ value: code, label: capital(purposeWords[code]) })),
          ]}
          onChange={(chosen) => chosen !== "" && draftKeeper.change({ purpose: chosen })}
        />
      </div>
      <RadioGroup
        name="handling"
        legend={words.handling}
        value={handling}
        options={[
          { value: "regulated", label: words.regulated, hint: words.regulatedHint },
          { value: "public", label: words.public, hint: words.publicHint },
        ]}
        onChange={(chosen) => draftKeeper.change({ handling: chosen })}
      />
    </section>
  );
}

const put = (recipients: readonly RecipientDraft[]): void => draftKeeper.change({ recipients });

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

function changeRecipient(key: number, changes: Partial<RecipientDraft>): void {
  const { recipients } = draftKeeper.snapshot().draft;
  draftKeeper.change({ recipients: recipients.map((each) => (each.key === key ? { ...each, ...changes } : each)) });
}

function RecipientFields({
  recipient,
  number,
  isFocused,
  isAlone,
  isPublic,
  problems,
  onPaste,
  onRemove,
}: {
  recipient: RecipientDraft;
  number: number;
  isFocused: boolean;
  isAlone: boolean;
  isPublic: boolean;
  problems: readonly FieldProblem[];
  onPaste: (event: ClipboardEvent) => void;
  onRemove: () => void;
}): ReactElement {
  const { key, address, name, organisation, language, factor, enrolled } = recipient;
  const box = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    if (isFocused) box.current?.querySelector("input")?.focus();
  }, [isFocused]);
  useEnrolled(recipient);
  const hasMore = (enrolled ?? []).length > 0;
  const options = [
    ...FACTORS.map((kind) => {
      const open = kind === "passcode" || (enrolled ?? []).includes(kind);
      return {
        value: kind,
        label: open ? words.factors[kind] : words.notEnrolled(words.factors[kind]),
        disabled: !open,
      };
    }),
    ...(isPublic || factor === null ? [{ value: "none", label: words.noFactor } as const] : []),
  ];
  return (
    <fieldset className="recipient" ref={box} onPaste={onPaste}>
      <legend>{words.recipient(number)}</legend>
      <div className="two-fields">
        <Field
          id={recipientField(key, "address")}
          label={words.address}
          type="email"
          inputMode="email"
          autoComplete="off"
          hint={words.addressHint}
          value={address}
          onChange={(value) => changeRecipient(key, { address: value, enrolled: null })}
          problems={problems}
        />
        <Field
          id={recipientField(key, "name")}
          label={words.name}
          autoComplete="off"
          hint={words.nameHint}
          value={name}
          onChange={(value) => changeRecipient(key, { name: value })}
          problems={problems}
        />
        <Field
          id={recipientField(key, "organisation")}
          label={words.organisation}
          autoComplete="off"
          hint={words.organisationHint}
          value={organisation}
          onChange={(value) => changeRecipient(key, { organisation: value })}
          problems={problems}
        />
        <SelectField
          id={recipientField(key, "language")}
          label={words.language}
          hint={words.languageHint}
          value={language}
          options={LANGUAGE_OPTIONS}
          onChange={(chosen) => changeRecipient(key, { language: chosen })}
        />
        <SelectField
          id={recipientField(key, "factor")}
          label={words.factor}
          hint={
            factor === "passcode" ? words.passcodeHint : hasMore && factor !== null ? words.enrolledHint : undefined
          }
          wrong={problems.find(({ field }) => field === recipientField(key, "factor"))?.message}
          value={factor ?? "none"}
          options={options}
          onChange={(chosen) => changeRecipient(key, { factor: chosen === "none" ? null : chosen })}
        />
      </div>
      {!isAlone && (
        <button type="button" className="button quiet small" aria-label={words.removeLabel(number)} onClick={onRemove}>
          {words.remove}
        </button>
      )}
    </fieldset>
  );
}

/** Asks once an address is whole what it has enrolled. Without an answer it counts as nothing. */
function useEnrolled({ key, address, enrolled }: RecipientDraft): void {
  const whole = mailAddress.safeParse(address).data;
  const asking = enrolled === null ? whole : undefined;
  useEffect(() => {
    if (asking === undefined) return undefined;
    const stop = new AbortController();
    server.call("recipientFactors", { body: { address: asking }, signal: stop.signal }).then(
      (answer) => changeRecipient(key, { enrolled: answer.enrolled }),
      // Whoever sends is asked again by the server; here it is only what the list offers.
      () => undefined,
    );
    return () => stop.abort();
  }, [asking, key]);
}
