/** What page and upload worker say to each other. Everything can be cloned; keys go along, because the worker seals and encrypts. */
import type { OutgoingFile, SendingDevice, SendingTerms, Sent } from "@safeconduct/client";
import type { ProblemCode, ProblemDetails, TransferId } from "@safeconduct/foundation";
import type { KnownFile } from "./chosen-files.ts";

export interface OutgoingSource extends Pick<OutgoingFile, "path" | "mediaType"> {
  readonly file: Pick<File, "size" | "lastModified" | "slice">;
  readonly known: KnownFile;
}

/** What the first message asks for. */
export type UploadOrder =
  | {
      readonly kind: "begin";
      readonly origin: string;
      readonly device: SendingDevice;
      readonly terms: SendingTerms;
      /** In the order of the package. */
      readonly sources: readonly OutgoingSource[];
    }
  | {
      readonly kind: "resume";
      readonly origin: string;
      readonly device: SendingDevice;
      readonly transfer: TransferId;
      /** In the order of the package; none are needed where only the seal is left. */
      readonly files: readonly Pick<File, "size" | "lastModified" | "slice">[];
    };

/** `signed-in`: as the same member as before. */
export type UploadWish = "pause" | "go-on" | "cancel" | "signed-in";

export interface ToldProblem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly details: ProblemDetails;
}

/** In this order; `checking` is passed over where nothing was there before. */
export type UploadStage = "preparing" | "checking" | "uploading" | "sealing";

/** Of what was sent, what its sender is told once more. */
export type SentTerms = Required<Pick<SendingTerms, "recipients" | "profile" | "closesOnReceipt" | "conditions">>;

export const sentTerms = ({
  recipients,
  profile,
  closesOnReceipt = false,
  conditions = null,
}: SendingTerms): SentTerms => ({
  recipients,
  profile,
  closesOnReceipt,
  conditions,
});

export type UploadNews =
  /** From now on another run can go on with it. */
  | { readonly kind: "begun"; readonly transfer: TransferId }
  | { readonly kind: "stage"; readonly stage: UploadStage }
  | { readonly kind: "progress"; readonly storedBytes: number; readonly totalBytes: number }
  /** The server cannot be reached; it is tried again. */
  | { readonly kind: "waiting" }
  /** The session is over; nothing goes on until somebody signs in. */
  | { readonly kind: "signed-out" }
  | { readonly kind: "sent"; readonly sent: Sent; readonly terms: SentTerms }
  | { readonly kind: "cancelled" }
  /** Another tab works on it. */
  | { readonly kind: "busy" }
  | { readonly kind: "failed"; readonly problem: ToldProblem };
