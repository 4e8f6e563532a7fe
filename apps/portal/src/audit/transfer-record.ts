/** A transfer with its certificate: what its history and its certificate's page are made of. */
import { parseId, type Problem } from "@safeconduct/foundation";
import { canonicalJson, type Certificate, type JsonValue, parseCertificate } from "@safeconduct/ledger";
import { useEffect, useState } from "react";
import { problemOf } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import type { Transfer } from "../transfers/custody.ts";

export interface TransferRecord {
  readonly transfer: Transfer;
  readonly certificate: Certificate;
  /** In the one spelling that verifiers accept. */
  readonly text: string;
}

/** The transfer that the page's address names, null where it names none. */
export const transferInAddress = (search: string): string | null =>
  parseId("transfer", new URLSearchParams(search).get("transfer") ?? "");

export function useTransferRecord(id: string | null): {
  readonly record: TransferRecord | null;
  readonly problem: Problem | null;
} {
  const keeper = useSession();
  const [state, setState] = useState<{ record: TransferRecord | null; problem: Problem | null }>({
    record: null,
    problem: null,
  });
  useEffect(() => {
    if (id === null) return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    const path = { transfer: id };
    Promise.all([server.call("transfer", { path, signal }), server.call("certificate", { path, signal })]).then(
      ([transfer, answer]) => {
        if (signal.aborted) return;
        try {
          const text = canonicalJson(answer as JsonValue);
          setState({ record: { transfer, certificate: parseCertificate(text), text }, problem: null });
        } catch (thrown) {
          setState({ record: null, problem: problemOf(thrown) });
        }
      },
      (thrown: unknown) => {
        if (signal.aborted) return;
        const problem = problemOf(thrown);
        if (!leaveIfSignedOut(keeper, problem)) setState({ record: null, problem });
      },
    );
    return () => leaving.abort();
    // The keeper is made anew with each drawing and means the same.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [id]);
  return state;
}
