/** One FLOE object of a package: its key and what its header commits to. */
import type { Bytes } from "@safeconduct/foundation";
import {
  continueMessage,
  type FloeMessage,
  type FloeParameters,
  type FloePorts,
  SEGMENT_OVERHEAD_BYTES,
  startEncryption,
} from "./floe.ts";
import { writeId } from "./id-field.ts";
import { encodeMark, objectKey } from "./key-schedule.ts";
import type { PackageObject } from "./package-plan.ts";
import type { TransferScope } from "./share.ts";
import { domainWriter } from "./suite.ts";

/** P and the scope it belongs to. */
export interface PackageSecrets extends TransferScope {
  /** P: 32 bytes. */
  readonly packageKey: Bytes;
}

type ObjectShape = Pick<PackageObject, "mark" | "plaintextBytes" | "segmentPlaintextBytes" | "segmentCount">;

/** Starts a new object: draws its FLOE IV. */
export async function startObject(
  ports: FloePorts,
  secrets: PackageSecrets,
  object: ObjectShape,
): Promise<FloeMessage> {
  return startEncryption(ports, await keyAndAad(ports, secrets, object), floeParametersOf(object));
}

/** The object of an attacker-controlled `header`, or null if it is not that object's. */
export async function continueObject(
  ports: FloePorts,
  secrets: PackageSecrets,
  object: ObjectShape,
  header: Bytes,
): Promise<FloeMessage | null> {
  return continueMessage(ports, { ...(await keyAndAad(ports, secrets, object)), header }, floeParametersOf(object));
}

/** AAD: domain ‖ version ‖ suite ‖ organisation ‖ transfer ‖ mark ‖ plaintext length ‖ segment count. */
function objectAad({ organisation, transfer }: TransferScope, object: ObjectShape): Bytes {
  const mark = encodeMark(object.mark);
  const writer = domainWriter("object");
  return writeId(writeId(writer, organisation), transfer)
    .fixed(mark, mark.length)
    .u64(object.plaintextBytes)
    .u64(object.segmentCount)
    .bytes();
}

function floeParametersOf({ segmentPlaintextBytes }: ObjectShape): FloeParameters {
  return { encryptedSegmentBytes: segmentPlaintextBytes + SEGMENT_OVERHEAD_BYTES };
}

async function keyAndAad(
  ports: FloePorts,
  secrets: PackageSecrets,
  object: ObjectShape,
): Promise<{ key: Bytes; aad: Bytes }> {
  return { key: await objectKey(ports, secrets.packageKey, object.mark), aad: objectAad(secrets, object) };
}
