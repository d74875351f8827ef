/** The key block of a PC keyboard: X key name -> HID usage of page 07. */
export const KEY_USAGES: ReadonlyMap<string, number> = new Map([
  ["TLDE", 0x35],
  ...["AE01", "AE02", "AE03", "AE04", "AE05", "AE06", "AE07", "AE08", "AE09", "AE10"].map(
    (name, index): [string, number] => [name, 0x1e + index],
  ),
  ["AE11", 0x2d],
  ["AE12", 0x2e],
  ["AD01", 0x14],
  ["AD02", 0x1a],
  ["AD03", 0x08],
  ["AD04", 0x15],
  ["AD05", 0x17],
  ["AD06", 0x1c],
  ["AD07", 0x18],
  ["AD08", 0x0c],
  ["AD09", 0x12],
  ["AD10", 0x13],
  ["AD11", 0x2f],
  ["AD12", 0x30],
  ["AC01", 0x04],
  ["AC02", 0x16],
  ["AC03", 0x07],
  ["AC04", 0x09],
  ["AC05", 0x0a],
  ["AC06", 0x0b],
  ["AC07", 0x0d],
  ["AC08", 0x0e],
  ["AC09", 0x0f],
  ["AC10", 0x33],
  ["AC11", 0x34],
  ["BKSL", 0x31],
  ["AB01", 0x1d],
  ["AB02", 0x1b],
  ["AB03", 0x06],
  ["AB04", 0x19],
  ["AB05", 0x05],
  ["AB06", 0x11],
  ["AB07", 0x10],
  ["AB08", 0x36],
  ["AB09", 0x37],
  ["AB10", 0x38],
  ["SPCE", 0x2c],
  ["LSGT", 0x64],
  ["AB11", 0x87],
  ["AE13", 0x89],
]);

export interface LayoutSource {
  readonly name: string;
  readonly xkb: string;
  readonly variant?: string;
  readonly title: string;
  readonly alias?: string;
  readonly omit?: readonly string[];
}

/**
 * PiKVM's layout name, the X layout it corresponds to, and what it is called. `omit` lists KEY:LEVEL positions that
 * other systems lack although X has them, where another key types the same.
 */
export const LAYOUTS: readonly LayoutSource[] = [
  { name: "ar", xkb: "ara", title: "Arabic" },
  { name: "bepo", xkb: "fr", variant: "bepo", title: "French, BÉPO" },
  { name: "cz", xkb: "cz", title: "Czech" },
  { name: "da", xkb: "dk", title: "Danish" },
  { name: "de", xkb: "de", title: "German" },
  { name: "de-ch", xkb: "ch", title: "German, Switzerland" },
  { name: "en-gb", xkb: "gb", title: "English, United Kingdom", alias: "gb" },
  { name: "en-us", xkb: "us", title: "English, United States", alias: "us" },
  {
    name: "en-us-altgr-intl",
    xkb: "us",
    variant: "altgr-intl",
    title: "English, US international with AltGr",
  },
  { name: "en-us-colemak", xkb: "us", variant: "colemak", title: "English, Colemak" },
  { name: "es", xkb: "es", title: "Spanish" },
  { name: "et", xkb: "ee", title: "Estonian" },
  { name: "fi", xkb: "fi", title: "Finnish" },
  { name: "fo", xkb: "fo", title: "Faroese" },
  { name: "fr", xkb: "fr", title: "French" },
  { name: "fr-be", xkb: "be", title: "Belgian" },
  { name: "fr-ca", xkb: "ca", title: "French, Canada" },
  { name: "fr-ch", xkb: "ch", variant: "fr", title: "French, Switzerland" },
  { name: "hr", xkb: "hr", title: "Croatian" },
  { name: "hu", xkb: "hu", title: "Hungarian" },
  { name: "is", xkb: "is", title: "Icelandic" },
  { name: "it", xkb: "it", title: "Italian" },
  { name: "ja", xkb: "jp", title: "Japanese", alias: "jp", omit: ["AE10:1"] },
  { name: "lt", xkb: "lt", title: "Lithuanian" },
  { name: "lv", xkb: "lv", title: "Latvian" },
  { name: "mk", xkb: "mk", title: "Macedonian" },
  { name: "nl", xkb: "nl", title: "Dutch" },
  { name: "no", xkb: "no", title: "Norwegian" },
  { name: "pl", xkb: "pl", title: "Polish" },
  { name: "pt", xkb: "pt", title: "Portuguese" },
  { name: "pt-br", xkb: "br", title: "Portuguese, Brazil" },
  { name: "ru", xkb: "ru", title: "Russian" },
  { name: "sl", xkb: "si", title: "Slovenian" },
  { name: "sv", xkb: "se", title: "Swedish" },
  { name: "th", xkb: "th", title: "Thai" },
  { name: "tr", xkb: "tr", title: "Turkish" },
];

/** The character that stands on the key cap of a dead key: what the dead key and Space type. */
export const DEAD_SPACING: ReadonlyMap<string, string> = new Map([
  ["dead_grave", "`"],
  ["dead_acute", "´"],
  ["dead_circumflex", "^"],
  ["dead_tilde", "~"],
  ["dead_diaeresis", "¨"],
  ["dead_abovering", "˚"],
  ["dead_caron", "ˇ"],
  ["dead_breve", "˘"],
  ["dead_abovedot", "˙"],
  ["dead_macron", "¯"],
  ["dead_cedilla", "¸"],
  ["dead_ogonek", "˛"],
  ["dead_doubleacute", "˝"],
]);
