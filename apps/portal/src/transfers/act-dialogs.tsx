/** Questions before what cannot be undone, or weighs: each says what happens and what does not. */
import { type ReactElement, useState } from "react";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { abandon, type Act, type HoldReason, liftHold, placeHold, revoke } from "./acts.ts";
import type { Transfer } from "./custody.ts";
import { texts as words } from "./texts.ts";

const ASKED = ["revoke", "revoke-all", "abandon", "hold", "lift"] as const;
type Asked = Extract<Act, { act: (typeof ASKED)[number] }>;

export interface ActDialogProps {
  readonly asked: Asked;
  /** `announced`: what was done, for those who do not see it. */
  readonly onDone: (changed: Transfer, announced: string) => void;
  readonly onClose: () => void;
}

export const isAsked = (act: Act): act is Asked => ASKED.some((asked) => asked === act.act);

const HOLD_REASONS = Object.keys(words.holdReasons) as readonly HoldReason[];

export function ActDialog({ asked, onDone, onClose }: ActDialogProps): ReactElement {
  const { transfer } = asked;
  const others = HOLD_REASONS.filter((reason) => transfer.holds.every((hold) => hold.reason !== reason));
  const [reason, setReason] = useState<HoldReason>(others[0] ?? "other");
  switch (asked.act) {
    case "revoke":
    case "revoke-all": {
      const grant = asked.act === "revoke" ? asked.grant : null;
      return (
        <ConfirmDialog
          title={grant === null ? words.confirmTransferTitle : words.confirmGrantTitle(grant.address)}
          action={words.revokeNow}
          actionBusy={words.revoking}
          onConfirm={async () => onDone(await revoke(transfer, grant), words.revokedAnnounced)}
          onClose={onClose}
        >
          <p>{grant === null ? words.confirmTransfer(transfer.grants.length) : words.confirmGrant}</p>
          <p className="soft">{words.confirmKept}</p>
        </ConfirmDialog>
      );
    }
    case "abandon":
      return (
        <ConfirmDialog
          title={words.abandonTitle}
          action={words.abandonNow}
          actionBusy={words.abandoning}
          onConfirm={async () => onDone(await abandon(transfer), words.abandonedAnnounced)}
          onClose={onClose}
        >
          <p>{words.abandonBody}</p>
        </ConfirmDialog>
      );
    case "hold":
      return (
        <ConfirmDialog
          title={words.holdTitle}
          action={words.holdNow}
          actionBusy={words.holding}
          isHarmless
          onConfirm={async () => onDone(await placeHold(transfer, reason), words.heldAnnounced)}
          onClose={onClose}
        >
          <p>{words.holdDoes}</p>
          <p className="soft">{words.holdDoesNot}</p>
          <div className="field">
            <label htmlFor="hold-reason">{words.holdReason}</label>
            <select id="hold-reason" value={reason} onChange={(event) => setReason(event.target.value as HoldReason)}>
              {others.map((each) => (
                <option key={each} value={each}>
                  {words.holdReasons[each]}
                </option>
              ))}
            </select>
          </div>
        </ConfirmDialog>
      );
    case "lift":
      return (
        <ConfirmDialog
          title={words.liftTitle(words.holdReasons[asked.reason])}
          action={words.liftNow}
          actionBusy={words.lifting}
          onConfirm={async () => onDone(await liftHold(transfer, asked.reason), words.liftedAnnounced)}
          onClose={onClose}
        >
          <p>{transfer.holds.length > 1 ? words.liftOne : words.liftLast}</p>
        </ConfirmDialog>
      );
  }
}
