/**
 * Where a browser keeps the device that it is, as a port: one record for each member, seen by every tab of the portal.
 * `browser-shelf.ts` is the real one; tests have one in memory.
 */
import type { JoiningDevice, SendingDevice } from "@safeconduct/client";
import type { MemberId } from "@safeconduct/foundation";

export interface KeptDevice {
  readonly kind: "device";
  readonly device: SendingDevice;
  /** As the member's other devices list it. */
  readonly name: string;
  /** False while the server may not have heard of it: the page ended, or the network did, in the middle of enrolment. */
  readonly isIn: boolean;
}

/** What the record of one member says. */
export type Kept =
  | KeptDevice
  | {
      /** Asked to be let in, and shows its code. */
      readonly kind: "joining";
      readonly joining: JoiningDevice;
      readonly askedAt: number;
    }
  | {
      /** Was a device and learnt that it was taken out. Its keys are gone. */
      readonly kind: "removed";
      readonly name: string;
      /** When it learnt of it, milliseconds since the epoch. */
      readonly at: number;
    };

/** Every method may end with `portal/storage-refused`. */
export interface DeviceShelf {
  /** Runs `work` while no other tab runs any. Not to be nested. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Null for nothing. Problem `portal/device-damaged`. */
  read(member: MemberId): Promise<Kept | null>;
  /** Durable when it resolves, as far as the browser goes. */
  write(member: MemberId, kept: Kept): Promise<void>;
  remove(member: MemberId): Promise<void>;
  /** Asks the browser not to clear the shelf when it runs short of space. It may refuse. */
  askToLast(): Promise<void>;
  lasts(): Promise<boolean>;
  /** `changed` is called after another tab wrote. Answers what ends it. */
  watch(changed: () => void): () => void;
}
