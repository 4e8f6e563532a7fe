/** The draft of this tab, kept while pages come and go. Somebody else who signs in finds an empty one. */
import { useSyncExternalStore } from "react";
import { addFiles, type ChosenFile, type FoundFile } from "./chosen-files.ts";
import { emptyDraft, type SendDraft } from "./draft.ts";
import { readFacts } from "./file-facts.ts";

export interface Adding {
  readonly added: number;
  readonly repeated: number;
  readonly left: number;
  readonly unreadable: number;
  readonly empty: number;
}

export interface DraftState {
  readonly draft: SendDraft;
  readonly step: "fill" | "review";
  /** While files are looked at: how many of how many. */
  readonly looking: { readonly done: number; readonly total: number } | null;
  /** What came of the last files that were chosen. */
  readonly lastAdding: Adding | null;
}

const EMPTY: DraftState = { draft: emptyDraft, step: "fill", looking: null, lastAdding: null };
/** So often is progress shown. */
const SHOW_EVERY_FILES = 20;

class DraftKeeper {
  private state = EMPTY;
  private owner: string | null = null;
  /** Counts up when everything is thrown away: files that were still being looked at do not come back. */
  private age = 0;
  private adding: Promise<void> = Promise.resolve();
  private readonly listeners = new Set<() => void>();

  readonly snapshot = (): DraftState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Whose draft it is. */
  ownedBy(member: string): void {
    if (this.owner !== null && this.owner !== member) this.clear();
    this.owner = member;
  }

  clear(): void {
    this.age++;
    this.put(EMPTY);
  }

  change(changes: Partial<SendDraft>): void {
    this.put({ ...this.state, draft: { ...this.state.draft, ...changes } });
  }

  goTo(step: DraftState["step"]): void {
    this.put({ ...this.state, step });
  }

  remove(files: readonly ChosenFile[]): void {
    const gone = new Set(files.map(({ key }) => key));
    this.change({ files: this.state.draft.files.filter(({ key }) => !gone.has(key)) });
  }

  /** One choosing after the other, each in the order in which it came. */
  add(found: readonly FoundFile[], { unreadable = 0 }: { unreadable?: number } = {}): Promise<void> {
    const { age } = this;
    this.adding = this.adding.then(async () => {
      const looked: Parameters<typeof addFiles>[1][number][] = [];
      for (const each of found) {
        if (age !== this.age) return;
        looked.push({ ...each, facts: await readFacts(each) });
        if (looked.length % SHOW_EVERY_FILES === 0)
          this.put({ ...this.state, looking: { done: looked.length, total: found.length } });
      }
      if (age !== this.age) return;
      const held = this.state.draft.files;
      const { files, repeated, left } = addFiles(held, looked);
      const empty = files.slice(held.length).filter(({ sizeBytes }) => sizeBytes === 0).length;
      const lastAdding = { added: files.length - held.length, repeated, left, unreadable, empty };
      this.put({ ...this.state, draft: { ...this.state.draft, files }, looking: null, lastAdding });
    });
    return this.adding;
  }

  private put(state: DraftState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const draftKeeper = new DraftKeeper();

export const useDraft = (): DraftState => useSyncExternalStore(draftKeeper.subscribe, draftKeeper.snapshot);
