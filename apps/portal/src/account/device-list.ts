/** The member's devices as the verified chain says them, for the page. Times are the server's word; everything else is signed. */
import { type ClientPorts, type SendingDevice, syncDevice } from "@safeconduct/client";

type Synced = Awaited<ReturnType<typeof syncDevice>>;
type HolderKind =
  Synced["chain"]["holders"] extends ReadonlyMap<string, infer Holder extends { kind: string }>
    ? Holder["kind"]
    : never;

export interface ListedDevice {
  readonly id: string;
  readonly kind: HolderKind;
  readonly name: string;
  readonly isThis: boolean;
  readonly isFirst: boolean;
  readonly isRemoved: boolean;
  /** Name of the device that let it in; null for the first. */
  readonly letInBy: string | null;
  readonly addedAt: number | null;
  readonly removedAt: number | null;
}

export interface DeviceList {
  readonly devices: readonly ListedDevice[];
  /** That have asked and are not in. */
  readonly waiting: readonly { readonly id: string; readonly name: string; readonly since: number }[];
}

/** Problems: `client/other-devices`, `client/device-removed`. */
export async function readDevices(ports: ClientPorts, own: SendingDevice): Promise<DeviceList> {
  const { chain, answer } = await syncDevice(ports, own);
  const times = new Map(answer.devices.map((each) => [each.id, each]));
  const devices = [...chain.holders.values()].map(({ id, kind, name, addedAt, removedAt }): ListedDevice => {
    const signer = chain.statements[addedAt]?.signer;
    const time = times.get(id);
    return {
      id,
      kind,
      name,
      isThis: id === own.device,
      isFirst: addedAt === 0,
      isRemoved: removedAt !== null,
      letInBy: signer === undefined || signer === id ? null : (chain.holders.get(signer)?.name ?? null),
      addedAt: time?.createdAt ?? null,
      removedAt: removedAt === null ? null : (time?.removedAt ?? null),
    };
  });
  const known = new Set<string>(devices.map(({ id }) => id));
  const waiting = answer.requests
    .filter(({ device }) => !known.has(device))
    .map(({ device, name, createdAt }) => ({ id: device, name, since: createdAt }));
  return { devices, waiting };
}
