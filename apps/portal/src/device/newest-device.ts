/** Two tabs hold the same device and both learnt something: what is kept has all of it. */
import type { SendingDevice } from "@safeconduct/client";

/**
 * `held` and `coming` are the same device. The newer pin of the chain wins, and of the organisation's recovery key; member keys of
 * either are kept. So a tab that slept cannot make the device forget a statement that it saw.
 */
export function newestDevice(held: SendingDevice, coming: SendingDevice): SendingDevice {
  if (held.device !== coming.device) throw new Error("these are two devices");
  const [older, newer] = coming.chain.position >= held.chain.position ? [held, coming] : [coming, held];
  const byGeneration = new Map([...older.memberKeys, ...newer.memberKeys].map((key) => [key.generation, key]));
  return {
    ...newer,
    memberKeys: [...byGeneration.values()].toSorted((a, b) => a.generation - b.generation),
    recoveryKey: newestRecoveryKey(older.recoveryKey ?? null, newer.recoveryKey ?? null),
  };
}

function newestRecoveryKey(
  older: (SendingDevice["recoveryKey"] & object) | null,
  newer: (SendingDevice["recoveryKey"] & object) | null,
): (SendingDevice["recoveryKey"] & object) | null {
  if (older === null || newer === null) return newer ?? older;
  return older.generation > newer.generation ? older : newer;
}
