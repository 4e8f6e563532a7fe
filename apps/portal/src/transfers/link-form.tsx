/** What a new link of a transfer is to be: for whom, how long, with which proof, on which terms. */
import { addRecipient, type AddedRecipient, type DemandedFactor } from "@safeconduct/client";
import { DEFAULT_LIFE_MS, displayName, LANGUAGES, LIMITS, mailAddress } from "@safeconduct/contract";
import { drawPasscode } from "@safeconduct/envelope";
import { isProblem, parseId } from "@safeconduct/foundation";
import { type ReactElement, useState } from "react";
import type { ReadyDevice } from "../device/device-keeper.ts";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { language as ownLanguage, LANGUAGE_NAMES } from "../elements/language.ts";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { dates } from "../elements/words.ts";
import { now as clockNow } from "../platform.ts";
import { server } from "../portal/server.ts";
import { areDaysWrong, askedBefore, askedTerms, nothingAsked } from "../terms/asked.ts";
import { ClosingField, CopiesFields, DAYS_ID } from "../terms/terms-fields.tsx";
import { texts as terms } from "../terms/texts.ts";
import type { Grant, Transfer } from "./custody.ts";
import { texts as words } from "./texts.ts";

const HOUR_MS = 60 * 60 * 1000;
const LIVES_HOURS = [24, 48, 72, 168] as const;
const CAPS = [0, 1, 3, 10] as const;
type FactorChoice = "passcode" | "authenticator" | "passkey" | "none";

export interface LinkWish {
  readonly transfer: Transfer;
  /** Whose link is replaced; null: somebody new. */
  readonly replaces: Grant | null;
}

export interface Made extends AddedRecipient {
  readonly passcode: string | null;
}

export function LinkForm({
  transfer,
  replaces,
  ready,
  onBusy,
  onMade,
}: LinkWish & {
  ready: ReadyDevice;
  onBusy: (busy: boolean) => void;
  onMade: (made: Made) => void;
}): ReactElement {
  const [address, setAddress] = useState(replaces?.address ?? "");
  const [name, setName] = useState(replaces?.name ?? "");
  const [organisation, setOrganisation] = useState(replaces?.organisation ?? "");
  const [language, setLanguage] = useState(replaces?.language ?? ownLanguage);
  const [lifeHours, setLifeHours] = useState(DEFAULT_LIFE_MS[transfer.profile] / HOUR_MS);
  const [cap, setCap] = useState(0);
  const [factor, setFactor] = useState<FactorChoice>(transfer.handling === "public" ? "none" : "passcode");
  // On the terms of the link before, of the newest one for somebody new: to be read again, and changed where it should be.
  const [asked, setAsked] = useState(() => {
    const before = replaces ?? transfer.grants.at(-1);
    return before === undefined ? nothingAsked : askedBefore(before);
  });
  const changeAsked = (changes: Partial<typeof asked>): void => setAsked({ ...asked, ...changes });
  const [removedSealed, setRemovedSealed] = useState(false);
  const [trusts, setTrusts] = useState(false);

  async function make(): Promise<readonly FieldProblem[]> {
    const wrong = [
      ...wrongFields({ address, name, organisation }),
      ...(areDaysWrong(asked) ? [{ field: DAYS_ID, message: terms.daysWrong }] : []),
    ];
    if (wrong.length > 0) return wrong;
    const id = parseId("transfer", transfer.id);
    const old = replaces && parseId("grant", replaces.id);
    if (id === null || (replaces !== null && old === null)) return [{ field: null, message: shared.unexpected }];
    onBusy(true);
    try {
      const to = mailAddress.parse(address);
      if (factor === "authenticator" || factor === "passkey") {
        const { enrolled } = await server.call("recipientFactors", { body: { address: to } });
        if (!enrolled.includes(factor)) return [{ field: "link-factor", message: words.link.notEnrolled[factor] }];
      }
      const passcode = factor === "passcode" ? drawPasscode(ready.ports.crypto.random) : null;
      const added = await addRecipient({ ...ready.ports, now: clockNow, origin: location.origin }, ready.device, {
        transfer: id,
        recipient: {
          address: to,
          name: nameOrNull(name),
          organisation: nameOrNull(organisation),
          language,
          secondFactor: demanded(factor, passcode),
        },
        notBefore: 0,
        lifeMs: lifeHours * HOUR_MS,
        releaseCap: cap,
        ...askedTerms(asked),
        replaces: old,
        evenFromRemoved: trusts,
      });
      onMade({ ...added, passcode });
      return [];
    } catch (thrown) {
      if (isProblem(thrown) && thrown.code === "client/removed-device-sealed") setRemovedSealed(true);
      return [{ field: null, message: problemOf(thrown).message }];
    } finally {
      onBusy(false);
    }
  }
  const { problems, busy, submit } = useSubmission(make);
  const lives = LIVES_HOURS.filter((hours) => hours * HOUR_MS <= LIMITS.grantLifeMs);
  const factors: readonly FactorChoice[] = [
    ...(transfer.handling === "public" ? (["none"] as const) : []),
    "passcode",
    "authenticator",
    "passkey",
  ];
  const factorWrong = problems.find(({ field }) => field === "link-factor");
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <p>{replaces === null ? words.link.addIntro : words.link.relinkIntro}</p>
      {replaces === null && (
        <>
          <Field
            id="link-address"
            label={words.link.address}
            type="email"
            inputMode="email"
            autoComplete="off"
            value={address}
            onChange={setAddress}
            problems={problems}
          />
          <Field
            id="link-name"
            label={words.link.name}
            autoComplete="off"
            value={name}
            onChange={setName}
            problems={problems}
          />
          <Field
            id="link-organisation"
            label={words.link.organisation}
            autoComplete="off"
            value={organisation}
            onChange={setOrganisation}
            problems={problems}
          />
        </>
      )}
      <div className="field">
        <label htmlFor="link-language">{words.link.language}</label>
        <select
          id="link-language"
          value={language}
          onChange={(event) => setLanguage(LANGUAGES.find((each) => each === event.target.value) ?? language)}
        >
          {LANGUAGES.map((each) => (
            <option key={each} value={each}>
              {LANGUAGE_NAMES[each]}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor="link-life">{words.link.life}</label>
        <select id="link-life" value={lifeHours} onChange={(event) => setLifeHours(Number(event.target.value))}>
          {lives.map((hours) => (
            <option key={hours} value={hours}>
              {words.link.lifeOption(hours, dates.short(clockNow() + hours * HOUR_MS))}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor="link-cap">{words.link.cap}</label>
        <select id="link-cap" value={cap} onChange={(event) => setCap(Number(event.target.value))}>
          {CAPS.map((each) => (
            <option key={each} value={each}>
              {words.link.capOption(each)}
            </option>
          ))}
        </select>
      </div>
      <fieldset className="choices" id="link-factor" tabIndex={-1}>
        <legend>{words.link.factor}</legend>
        {factorWrong !== undefined && <p className="wrong">{factorWrong.message}</p>}
        {factors.map((each) => (
          <label key={each} className="choice">
            <input
              type="radio"
              name="link-factor"
              value={each}
              checked={factor === each}
              onChange={() => setFactor(each)}
            />
            <span>
              {words.link.factors[each].name}
              <span className="hint">{words.link.factors[each].hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <CopiesFields profile={transfer.profile} asked={asked} problems={problems} onChange={changeAsked} />
      <ClosingField className="choice" asked={asked} onChange={changeAsked} />
      {removedSealed && (
        <label className="choice">
          <input type="checkbox" checked={trusts} onChange={(event) => setTrusts(event.target.checked)} />
          <span>{words.link.trustRemoved}</span>
        </label>
      )}
      <SubmitButton
        busy={busy}
        label={replaces === null ? words.link.make : words.link.remake}
        busyLabel={words.link.making}
      />
    </form>
  );
}

function wrongFields(given: { address: string; name: string; organisation: string }): readonly FieldProblem[] {
  const wrong: FieldProblem[] = [];
  if (!mailAddress.safeParse(given.address).success)
    wrong.push({ field: "link-address", message: words.link.addressWrong });
  for (const field of ["name", "organisation"] as const) {
    if (given[field].trim() !== "" && !displayName().safeParse(given[field]).success)
      wrong.push({ field: `link-${field}`, message: words.link.nameWrong });
  }
  return wrong;
}

const nameOrNull = (text: string): string | null => (text.trim() === "" ? null : displayName().parse(text));

function demanded(factor: FactorChoice, passcode: string | null): DemandedFactor | null {
  if (passcode !== null) return { kind: "passcode", passcode };
  return factor === "none" || factor === "passcode" ? null : { kind: factor };
}
