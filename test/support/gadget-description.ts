import { HID_ROLES } from "../../src/platform/gadget/port.ts";
import type { GadgetDescription } from "../../src/platform/gadget/port.ts";

/** Everything that a gadget can be, on a controller with room for it. */
export const WHOLE_GADGET: GadgetDescription = {
  identity: {
    vendorId: 0x1d6b,
    productId: 0x0104,
    manufacturer: "Farhand",
    product: "Farhand KVM",
    serial: "0123456789AB",
  },
  maxPower: 250,
  hid: HID_ROLES,
  horizontalWheel: true,
  massStorage: true,
  endpoints: 9,
};
