/**
 * Shows the key service the main ledger before anything rests on it: the newest signed checkpoint, with the proof that
 * it continues the last one that the key service saw. Callers that come together share one showing.
 */
import { type Bytes, isProblem } from "@safeconduct/foundation";
import { type LedgerStateAnswer, keysProblem, type ShowLedgerRequest } from "@safeconduct/keyring";
import { parseCheckpoint, parseNote } from "@safeconduct/ledger";

/** The main ledger as it stands under its last durable checkpoint. */
export interface LedgerToShow {
  current(): { readonly size: number; readonly checkpointText: string };
  /** RFC 9162 §2.1.4, from `oldSize` to `size`, both within the tree. */
  prove(range: { oldSize: number; size: number }): Promise<readonly Bytes[]>;
}

/** Showings before it is given up: one from the size that we know, and two from the size that was asked for anew. */
const SHOWINGS_LIMIT = 3;

interface Operations {
  ledgerState(): Promise<LedgerStateAnswer>;
  showLedger(request: ShowLedgerRequest): Promise<unknown>;
}

export class LedgerShower {
  private readonly ledger: LedgerToShow;
  private readonly operations: Operations;
  /** Size of the checkpoint that the key service has seen, as far as we know. */
  private seenSize: number | null = null;
  private running: Promise<void> | null = null;

  constructor(ledger: LedgerToShow, operations: Operations) {
    this.ledger = ledger;
    this.operations = operations;
  }

  /** Resolves when the key service has seen everything that is in the ledger now. Rejects with a Problem `keys/…`. */
  async show(): Promise<void> {
    const needed = this.ledger.current().size;
    while (this.seenSize === null || this.seenSize < needed) {
      this.running ??= this.showNow().finally(() => {
        this.running = null;
      });
      await this.running;
    }
  }

  /** `act`, with the ledger shown before; once more where the key service has been started anew in the meantime. */
  async before<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    await this.show();
    try {
      return await act();
    } catch (error) {
      if (!isNotShown(error)) throw error;
      this.seenSize = null;
      await this.show();
      return act();
    }
  }

  private async showNow(): Promise<void> {
    const known = this.seenSize;
    this.seenSize = null;
    let oldSize = known ?? (await this.askSize());
    for (let tries = 1; ; tries++) {
      try {
        return await this.showFrom(oldSize);
      } catch (error) {
        // It knows another size than we thought: killed in the meantime, it has forgotten what it had not written down.
        if (tries === SHOWINGS_LIMIT || !isNotShown(error)) throw error;
        oldSize = await this.askSize();
      }
    }
  }

  private async showFrom(oldSize: number): Promise<void> {
    const { size, checkpointText: checkpoint } = this.ledger.current();
    // A ledger that is behind is shown all the same: the key service must know it, and says no.
    const proof = oldSize < size ? await this.ledger.prove({ oldSize, size }) : [];
    await this.operations.showLedger({ checkpoint, oldSize, proof });
    this.seenSize = size;
  }

  private async askSize(): Promise<number> {
    // Of whatever key it is: one that is not ours is the key service's to refuse, so that its alarm is raised.
    const { checkpoint } = await this.operations.ledgerState();
    if (checkpoint === "") return 0;
    const note = parseNote(checkpoint);
    const seen = note && parseCheckpoint(note.text);
    if (seen === null) throw keysProblem("keys/ledger-rolled-back");
    return seen.size;
  }
}

function isNotShown(error: unknown): boolean {
  return isProblem(error) && error.code === "keys/ledger-not-shown";
}
