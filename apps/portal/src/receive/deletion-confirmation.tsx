/**
 * Below the words that a link does not open: confirm that the copies are deleted, with a code that is mailed to the address at which
 * the link arrived. It looks and answers alike for every link, also for one that never was.
 */
import { mailAddress, receivingRoutes, routesClient, sixDigitCode } from "@safeconduct/contract";
import type { GrantId } from "@safeconduct/foundation";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { CodeField, ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { Notice } from "../elements/notice.tsx";
import { type FieldProblem, fieldProblem, problemOf } from "../elements/problems.ts";
import { network, now as clockNow } from "../platform.ts";
import { texts as words } from "./deletion-texts.ts";

const { sendDeletionCode, confirmDeletion } = receivingRoutes;
const server = routesClient({ sendDeletionCode, confirmDeletion }, { origin: "", fetch: network });
const NOW_EVERY_MS = 1_000;

interface Asked {
  readonly address: string;
  readonly lifeMinutes: number;
  /** When another may be asked for, by this device's clock in milliseconds. */
  readonly nextAt: number;
}

async function askForCode(grant: GrantId, address: string): Promise<Asked> {
  const { expiresInSeconds, nextInSeconds } = await server.call("sendDeletionCode", {
    path: { grant },
    body: { address },
  });
  return { address, lifeMinutes: Math.round(expiresInSeconds / 60), nextAt: clockNow() + nextInSeconds * 1000 };
}

export function DeletionConfirmation({ grant }: { grant: GrantId }): ReactElement {
  const [address, setAddress] = useState("");
  const [asked, setAsked] = useState<Asked | null>(null);
  const [told, setTold] = useState(false);
  if (told) return <Told />;
  if (asked === null) return <AddressForm grant={grant} address={address} onChange={setAddress} onAsked={setAsked} />;
  return (
    <CodeForm
      grant={grant}
      asked={asked}
      onAsked={setAsked}
      onOther={() => setAsked(null)}
      onTold={() => setTold(true)}
    />
  );
}

function AddressForm({
  grant,
  address,
  onChange,
  onAsked,
}: {
  grant: GrantId;
  address: string;
  onChange: (address: string) => void;
  onAsked: (asked: Asked) => void;
}): ReactElement {
  const { problems, busy, submit } = useSubmission(async () => {
    const parsed = mailAddress.safeParse(address);
    if (!parsed.success) return [{ field: "deletion-address", message: words.addressWrong }];
    try {
      onAsked(await askForCode(grant, parsed.data));
      return [];
    } catch (thrown) {
      return [{ field: null, message: problemOf(thrown).message }];
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <p>{words.intro}</p>
      <Field
        id="deletion-address"
        label={words.address}
        hint={words.addressHint}
        type="email"
        inputMode="email"
        autoComplete="email"
        value={address}
        onChange={onChange}
        problems={problems}
      />
      <SubmitButton busy={busy} label={words.send} busyLabel={words.sending} />
    </form>
  );
}

function CodeForm({
  grant,
  asked,
  onAsked,
  onOther,
  onTold,
}: {
  grant: GrantId;
  asked: Asked;
  onAsked: (asked: Asked) => void;
  onOther: () => void;
  onTold: () => void;
}): ReactElement {
  const [code, setCode] = useState("");
  const top = useRef<HTMLParagraphElement>(null);
  // The button that was pressed is gone: the focus goes to what came of it.
  useEffect(() => top.current?.focus(), []);
  const { problems, busy, submit, setProblems } = useSubmission(async () => {
    if (!sixDigitCode.safeParse(code).success) return [{ field: "deletion-code", message: words.codeWrong }];
    try {
      await server.call("confirmDeletion", { path: { grant }, body: { address: asked.address, code } });
      onTold();
      return [];
    } catch (thrown) {
      return [refusalOf(thrown)];
    }
  });
  return (
    <div className="stack">
      <ErrorSummary problems={problems} />
      <p ref={top} tabIndex={-1}>
        {words.sent(asked.address, asked.lifeMinutes)} <span className="soft">{words.sentWhy}</span>
      </p>
      <form className="stack" noValidate onSubmit={submit}>
        <CodeField
          id="deletion-code"
          label={words.code}
          hint={words.codeHint}
          value={code}
          onChange={setCode}
          problems={problems}
        />
        <p>{words.sure}</p>
        <SubmitButton busy={busy} label={words.confirm} busyLabel={words.confirming} />
      </form>
      <Again
        nextAt={asked.nextAt}
        onAgain={async () => onAsked(await askForCode(grant, asked.address))}
        onProblem={(problem) => setProblems([problem])}
        onOther={onOther}
      />
    </div>
  );
}

function Again({
  nextAt,
  onAgain,
  onProblem,
  onOther,
}: {
  nextAt: number;
  onAgain: () => Promise<void>;
  onProblem: (problem: FieldProblem) => void;
  onOther: () => void;
}): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [announced, setAnnounced] = useState("");
  const waitSeconds = Math.max(0, Math.ceil((nextAt - now) / 1000));

  async function again(): Promise<void> {
    setAnnounced("");
    try {
      await onAgain();
      setAnnounced(words.againSent);
    } catch (thrown) {
      onProblem({ field: null, message: problemOf(thrown).message });
    }
  }

  return (
    <div className="stack-tight small">
      {waitSeconds > 0 ? (
        <p className="soft">{words.againIn(waitSeconds)}</p>
      ) : (
        <button type="button" className="button quiet small" onClick={() => void again()}>
          {words.again}
        </button>
      )}
      <button type="button" className="text-button" onClick={onOther}>
        {words.other}
      </button>
      <p role="status">{announced}</p>
    </div>
  );
}

function Told(): ReactElement {
  const told = useRef<HTMLParagraphElement>(null);
  useEffect(() => told.current?.focus(), []);
  return (
    <Notice tone="good">
      <p ref={told} role="status" tabIndex={-1}>
        {words.told}
      </p>
    </Notice>
  );
}

function refusalOf(thrown: unknown): FieldProblem {
  const problem = problemOf(thrown);
  return problem.code === "grant/code-refused"
    ? { field: "deletion-code", message: problem.message }
    : fieldProblem(problem, { "/code": "deletion-code" });
}
