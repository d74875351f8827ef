import Type from "typebox";
import { Auto, Flag, Section, Text } from "./common.ts";

const UsbNumber = (value: number, description: string) =>
  Type.Integer({ default: value, minimum: 0, maximum: 0xff_ff, description });

/** USB strings have at most 126 characters, one per UTF-16 unit. */
const UsbText = (value: string, description: string) =>
  Type.String({ default: value, maxLength: 126, pattern: "^[ -~]*$", description });

export const GadgetSection = Section(
  {
    enabled: Type.Union([Auto, Type.Boolean()], {
      default: "auto",
      description: "This board as a USB device of the computer; auto = where the board can be one.",
    }),
    udc: Text("", "Controller in /sys/class/udc; empty = the first."),
    helperSocket: Type.String({
      default: "/run/farhand-gadget/helper.sock",
      minLength: 1,
      description:
        "Socket of 'farhand gadget-helper', which makes the gadget when this process is not root.",
    }),
    endpoints: Type.Integer({
      default: 9,
      minimum: 1,
      maximum: 30,
      description: "Endpoints of the controller; devices that do not fit are left out.",
    }),
    vendorId: UsbNumber(0x1d6b, "USB vendor number."),
    productId: UsbNumber(0x0104, "USB product number."),
    manufacturer: UsbText("Farhand", "Name of the maker that the computer shows."),
    product: UsbText("Farhand KVM", "Name of the device that the computer shows."),
    serial: UsbText(
      "",
      "Serial number that the computer sees; empty = derived from the host name.",
    ),
    maxPower: Type.Integer({
      default: 250,
      minimum: 2,
      maximum: 500,
      description: "Current that is announced to the computer. Milliamperes.",
    }),
    horizontalWheel: Flag(true, "The mice have a horizontal wheel."),
    media: Flag(true, "Media and power keys, as a device of their own."),
  },
  "USB gadget: keyboard, mice and disk by the board's own USB device port.",
);
