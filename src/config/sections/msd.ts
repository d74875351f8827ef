import Type from "typebox";
import { Auto, Flag, Section, Text } from "./common.ts";

export const MsdSection = Section(
  {
    enabled: Type.Union([Auto, Type.Boolean()], {
      default: "auto",
      description: "Disk images for the computer; auto = where the board can be a USB device.",
    }),
    path: Text("", "Folder of the disk images; empty = 'images' in the data folder."),
    maxImageGiB: Type.Number({
      default: 256,
      exclusiveMinimum: 0,
      description: "Larger images are refused. GiB.",
    }),
    idleSeconds: Type.Number({
      default: 60,
      minimum: 1,
      description: "An upload whose sender is silent for so long is cut off. Seconds.",
    }),
    remote: Section(
      {
        enabled: Flag(true, "Images may be fetched from web servers."),
        allowPrivate: Flag(
          false,
          "Also from addresses of this machine and of local networks. Whoever may upload can then reach them.",
        ),
        maxRedirects: Type.Integer({
          default: 5,
          minimum: 0,
          maximum: 20,
          description: "Redirects that are followed; each is checked like the first address.",
        }),
      },
      "Upload from an address.",
    ),
  },
  "Mass storage.",
);
