/** A sending: what is to be sent, what a device must keep to go on with it later, and what comes out of it. */
import type { Handling, Language, Profile, Purpose, routes } from "@safeconduct/contract";
import type { Conditions, PackageFile, PartRecord } from "@safeconduct/envelope";
import type { Bytes, DeviceId, GrantId, OrganisationId, TransferId } from "@safeconduct/foundation";
import type { DemandedFactor } from "./passcode.ts";
import type { ClientPorts } from "./ports.ts";

/** A file to send: `path` as `validPath` demands. */
export interface OutgoingFile extends Omit<PackageFile, "id"> {
  /** `length` bytes from `offset`; fewer only where the file ends. */
  read(offset: number, length: number): Promise<Bytes>;
}

export interface Recipient {
  readonly address: string;
  readonly name: string | null;
  /** Where they work; for the sender's own eyes and the certificate. */
  readonly organisation?: string | null;
  /** Of the mails about the link; absent or null: the organisation's. */
  readonly language?: Language | null;
  readonly secondFactor?: DemandedFactor | null;
}

/** To whom, what for and how long; decided at the start and kept to the end. */
export interface SendingTerms {
  readonly purpose: Purpose;
  readonly profile: Profile;
  /** `public` is a declaration of the sender; of anything else every recipient needs a second factor. */
  readonly handling: Handling;
  readonly recipients: readonly Recipient[];
  /** Milliseconds since the epoch; 0: at once. */
  readonly notBefore: number;
  /** How long the links live, counted from the seal, in milliseconds. */
  readonly lifeMs: number;
  /** An end that was promised to the minute, however long the files travel: then `lifeMs` does not count. */
  readonly endsAt?: number;
  /** 0: no cap. */
  readonly releaseCap: number;
  /** A receipt closes each link some minutes later. Absent: it does not. */
  readonly closesOnReceipt?: boolean;
  /** What recipients accept before anything is released. Absent or null: nothing. What is only viewed may not be kept. */
  readonly conditions?: Conditions | null;
}

export interface Sending extends SendingTerms {
  readonly files: readonly OutgoingFile[];
}

export interface Sent {
  readonly transfer: TransferId;
  readonly notAfter: number;
  readonly links: readonly { readonly address: string; readonly grant: GrantId; readonly link: string }[];
}

/** Everything that another run of the client needs to go on with a draft. It holds keys and passcodes: for its owner only. */
export interface BegunSending extends SendingTerms {
  readonly organisation: OrganisationId;
  readonly device: DeviceId;
  readonly transfer: TransferId;
  /** 32 bytes. */
  readonly packageKey: Bytes;
  /** 32 bytes. */
  readonly transferShare: Bytes;
  /** In the order of the package. */
  readonly files: readonly PackageFile[];
  /** Of the package's objects, 74 bytes each; public. */
  readonly headers: Bytes;
}

/** A seal that is about to be put. The same one again gives the same links; another one would not open what the first one sealed. */
export interface PreparedSeal {
  readonly body: (typeof routes.sealTransfer.request)["_input"];
  readonly sent: Sent;
}

/** Keeps what a later run needs. Each call resolves when it is kept; one that cannot keep it resolves all the same. */
export interface SendingNotes {
  begun(sending: BegunSending): Promise<void>;
  /** The server holds this part durably. */
  stored(part: PartRecord): Promise<void>;
  /** Before the seal is put; the newest one counts. */
  sealing(seal: PreparedSeal): Promise<void>;
  /** Nothing can be gone on with: the draft is given up. */
  over(): Promise<void>;
}

export type SendPorts = ClientPorts & {
  readonly now: () => number;
  readonly origin: string;
  /** Without it an interrupted sending begins anew. */
  readonly notes?: SendingNotes;
};
