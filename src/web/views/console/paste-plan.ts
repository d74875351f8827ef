import { loadLayout } from "../../../protocol/hid/layout-loader.ts";
import { preparedText, strokesOf } from "../../../protocol/hid/printer-text.ts";

/** Short enough to see it go on and to stop soon; long enough not to wait for answers. */
const PIECE = 48;

/** The text in pieces, none of which cuts a character in two. */
export function piecesOf(text: string): readonly string[] {
  const characters = Array.from(text.normalize("NFC"));
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += PIECE) {
    pieces.push(characters.slice(start, start + PIECE).join(""));
  }
  return pieces;
}

/** What the layout cannot type: each such character once, in the order of the text. */
export async function untypable(text: string, layoutName: string): Promise<readonly string[]> {
  const layout = await loadLayout(layoutName);
  if (layout === undefined) return [];
  const missing = preparedText(text, 0).filter((char) => strokesOf(char, layout) === undefined);
  return [...new Set(missing)];
}
