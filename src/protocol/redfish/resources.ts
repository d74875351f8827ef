/** The documents of PiKVM's Redfish service (PiKVM API 4.11), of DMTF's DSP0266. */

const ROOT = "/redfish/v1";
const SYSTEMS = `${ROOT}/Systems`;
const MANAGERS = `${ROOT}/Managers`;
const BMC = `${MANAGERS}/BMC`;
const MEDIA = `${BMC}/VirtualMedia`;
const MSD = `${MEDIA}/MSD`;

export const RESET_TYPES = [
  "On",
  "ForceOff",
  "GracefulShutdown",
  "ForceRestart",
  "ForceOn",
  "PushPowerButton",
] as const;
export type ResetType = (typeof RESET_TYPES)[number];

export function isResetType(value: unknown): value is ResetType {
  return RESET_TYPES.some((type) => type === value);
}

const link = (id: string) => ({ "@odata.id": id });

export const SERVICE_ROOT = {
  "@odata.id": ROOT,
  "@odata.type": "#ServiceRoot.v1_6_0.ServiceRoot",
  Id: "RootService",
  Name: "Root Service",
  RedfishVersion: "1.6.0",
  Systems: link(SYSTEMS),
  Managers: link(MANAGERS),
} as const;

function collection(
  id: string,
  [kind, name]: readonly [string, string],
  members: readonly string[],
) {
  return {
    "@odata.id": id,
    "@odata.type": `#${kind}.${kind}`,
    Name: name,
    Members: members.map(link),
    "Members@odata.count": members.length,
  };
}

/** `ids` as in `systemIdOf`. */
export function systemsDocument(ids: readonly string[]) {
  const members = ids.map((id) => `${SYSTEMS}/${id}`);
  return collection(SYSTEMS, ["ComputerSystemCollection", "Computer System Collection"], members);
}

/** The computer on the device itself, or one on a port of a multiport unit, numbered from 0. */
export type SystemId = { readonly port: undefined } | { readonly port: number };

const PORT_PATTERN = /^SwitchPort(0|[1-9]\d{0,8})$/;

export function systemIdOf({ port }: SystemId): string {
  return port === undefined ? "0" : `SwitchPort${port}`;
}

/** Undefined for an id that no system can have. */
export function parseSystemId(text: string): SystemId | undefined {
  const id = text.trim();
  if (id === "0") return { port: undefined };
  const [, port] = PORT_PATTERN.exec(id) ?? [];
  return port === undefined ? undefined : { port: Number(port) };
}

export interface SystemFacts {
  readonly id: SystemId;
  /** Any text; what a host name cannot hold becomes `_`. */
  readonly hostName: string;
  readonly isOn: boolean;
}

export function systemDocument({ id, hostName, isOn }: SystemFacts) {
  const path = `${SYSTEMS}/${systemIdOf(id)}`;
  return {
    "@odata.id": path,
    "@odata.type": "#ComputerSystem.v1_10_0.ComputerSystem",
    Id: systemIdOf(id),
    HostName: hostName.replaceAll(/[^\w.]/g, "_"),
    PowerState: isOn ? "On" : "Off",
    Actions: {
      "#ComputerSystem.Reset": {
        "ResetType@Redfish.AllowableValues": RESET_TYPES,
        target: `${path}/Actions/ComputerSystem.Reset`,
      },
      "#ComputerSystem.SetDefaultBootOrder": {
        target: `${path}/Actions/ComputerSystem.SetDefaultBootOrder`,
      },
    },
    Boot: { BootSourceOverrideEnabled: "Disabled", BootSourceOverrideTarget: null },
  };
}

export const MANAGERS_DOCUMENT = collection(
  MANAGERS,
  ["ManagerCollection", "Manager Collection"],
  [BMC],
);

export const BMC_DOCUMENT = {
  "@odata.id": BMC,
  "@odata.type": "#Manager.v1_15_0.Manager",
  Id: "BMC",
  Name: "PiKVM Manager",
  Description: "PiKVM Baseboard Management Controller",
  ManagerType: "BMC",
  VirtualMedia: link(MEDIA),
} as const;

export const MEDIA_COLLECTION = collection(
  MEDIA,
  ["VirtualMediaCollection", "Virtual Media Collection"],
  [MSD],
);

export interface MediaFacts {
  readonly enabled: boolean;
  readonly online: boolean;
  readonly busy: boolean;
  /** Null when there is none to speak of. */
  readonly drive: {
    /** Name of the image, with its folders. */
    readonly image: string | null;
    readonly connected: boolean;
    readonly cdrom: boolean;
    readonly rw: boolean;
  } | null;
}

function driveFields(drive: MediaFacts["drive"]) {
  if (drive === null) {
    const nothing = { Image: null, ImageName: null, ConnectedVia: null };
    return { ...nothing, Inserted: null, WriteProtected: null };
  }
  const { image, connected, rw } = drive;
  return {
    Image: image,
    ImageName: image?.split("/").at(-1) ?? null,
    ConnectedVia: image === null ? "NotConnected" : "Oem",
    Inserted: connected,
    WriteProtected: !rw,
  };
}

export function mediaDocument({ enabled, online, busy, drive }: MediaFacts) {
  return {
    "@odata.id": MSD,
    "@odata.type": "#VirtualMedia.v1_4_0.VirtualMedia",
    Id: "MSD",
    Name: "Virtual CD/DVD/Flash Drive",
    Description: "PiKVM Virtual CD/DVD/Flash Drive",
    MediaTypes: ["USBStick", "CD", "DVD"],
    ...driveFields(drive),
    Oem: {
      PiKVM: {
        "@odata.context": "/redfish/v1/$metadata#PiKVMVirtualMedia.PiKVMVirtualMedia",
        "@odata.type": "#PiKVMVirtualMedia.v1_0_0.PiKVMVirtualMedia",
        MsdEnabled: enabled,
        MsdOnline: online,
        MsdBusy: busy,
        DriveOptical: drive?.cdrom ?? null,
      },
    },
    Actions: {
      "#VirtualMedia.InsertMedia": {
        target: `${MSD}/Actions/VirtualMedia.InsertMedia`,
        "Image@Redfish.AllowableValues": ["URI"],
      },
      "#VirtualMedia.EjectMedia": { target: `${MSD}/Actions/VirtualMedia.EjectMedia` },
    },
  };
}
