import type { TargetState } from "./target-state.ts";
import { TARGET_HEIGHT, TARGET_WIDTH } from "./target-state.ts";
import { SCREEN_COLUMNS, SCREEN_ROWS } from "./text-screen.ts";
import { FONT_COLUMNS, FONT_ROWS, glyphRows } from "./screen-font.ts";
import { TILE_SIZE, TileJpeg } from "./tile-jpeg.ts";
import type { Tile } from "./tile-jpeg.ts";

/** A letter takes two by three squares; the text fills the width and leaves a head for the state. */
const CELL_COLUMNS = 2;
const CELL_ROWS = 3;
const GRID_COLUMNS = SCREEN_COLUMNS * CELL_COLUMNS;
const GRID_ROWS = 90;
const HEAD_ROWS = GRID_ROWS - SCREEN_ROWS * CELL_ROWS;
const STATUS_ROW = 6;
const DOT_WIDTH = 2;
const DOT_HEIGHT = 3;
const MARGIN = 2;

export const SCREEN_WIDTH = GRID_COLUMNS * TILE_SIZE;
export const SCREEN_HEIGHT = GRID_ROWS * TILE_SIZE;

const BLACK = 0;
const PAPER = 24;
const INK = 224;
const HEAD_PAPER = 72;
const BAR_COLUMNS = 20;

/** Rows of the pointer, 0 outside, 1 its edge, 2 its inside. */
const POINTER = [
  "1",
  "11",
  "121",
  "1221",
  "12221",
  "122221",
  "1222221",
  "12222221",
  "122222221",
  "12222211111",
  "1221221",
  "121 1221",
  "11  1221",
  "1    1221",
  "     1221",
  "      11",
];

/** A square with its pixels, for what has to be drawn over it. */
interface Square {
  readonly pixels: Uint8Array;
  readonly tile: Tile;
}

/** What the picture shows besides the computer's own state. */
export interface Moment {
  /** The cursor is in the visible half of its blinking. */
  readonly isCursorLit: boolean;
  /** Grows with each picture: moves the bar in the head. */
  readonly step: number;
}

function cellPixels(char: string, paper: number, ink: number): (x: number, y: number) => number {
  const rows = glyphRows(char);
  return (x, y) => {
    const column = Math.floor((x - MARGIN) / DOT_WIDTH);
    const row = rows[Math.floor(y / DOT_HEIGHT)] ?? 0;
    const isInside = column >= 0 && column < FONT_COLUMNS && y < FONT_ROWS * DOT_HEIGHT;
    return isInside && ((row >> (FONT_COLUMNS - 1 - column)) & 1) === 1 ? ink : paper;
  };
}

/** Draws the screen of the simulated computer, 1280 by 720 in shades of gray, as JPEG of one quality. */
export class ScreenPainter {
  readonly #jpeg: TileJpeg;
  readonly #letters = new Map<string, readonly Square[]>();
  readonly #plain = new Map<number, Square>();

  constructor(quality: number) {
    this.#jpeg = new TileJpeg(GRID_COLUMNS, GRID_ROWS, quality);
  }

  /** A computer that is off shows nothing. */
  paint(state: TargetState, moment: Moment): Buffer {
    const black = this.#square(BLACK);
    const grid = Array.from({ length: GRID_COLUMNS * GRID_ROWS }, () => black);
    if (state.power) {
      grid.fill(this.#square(HEAD_PAPER), 0, HEAD_ROWS * GRID_COLUMNS);
      grid.fill(this.#square(PAPER), HEAD_ROWS * GRID_COLUMNS);
      this.#drawHead(grid, state, moment);
      this.#drawText(grid, state, moment);
      if (state.phase === "running") this.#drawPointer(grid, state);
    }
    return this.#jpeg.encode(grid.map(({ tile }) => tile));
  }

  #square(shade: number): Square {
    let square = this.#plain.get(shade);
    if (square === undefined) {
      square = this.#code(new Uint8Array(TILE_SIZE * TILE_SIZE).fill(shade));
      this.#plain.set(shade, square);
    }
    return square;
  }

  #code(pixels: Uint8Array): Square {
    return { pixels, tile: this.#jpeg.tile(pixels) };
  }

  #letter(char: string, paper: number, ink: number): readonly Square[] {
    const key = `${char}${paper}`;
    let squares = this.#letters.get(key);
    if (squares === undefined) {
      squares = this.#drawLetter(cellPixels(char, paper, ink));
      this.#letters.set(key, squares);
    }
    return squares;
  }

  #drawLetter(shadeAt: (x: number, y: number) => number): readonly Square[] {
    return Array.from({ length: CELL_COLUMNS * CELL_ROWS }, (_, index) => {
      const left = (index % CELL_COLUMNS) * TILE_SIZE;
      const top = Math.floor(index / CELL_COLUMNS) * TILE_SIZE;
      return this.#code(
        Uint8Array.from({ length: TILE_SIZE * TILE_SIZE }, (_pixel, at) =>
          shadeAt(left + (at % TILE_SIZE), top + Math.floor(at / TILE_SIZE)),
        ),
      );
    });
  }

  #put(grid: Square[], place: { column: number; row: number }, squares: readonly Square[]): void {
    for (const [index, square] of squares.entries()) {
      const row = place.row + Math.floor(index / CELL_COLUMNS);
      grid[row * GRID_COLUMNS + place.column * CELL_COLUMNS + (index % CELL_COLUMNS)] = square;
    }
  }

  #drawLine(grid: Square[], row: number, text: string, paper = PAPER): void {
    for (const [column, char] of text.slice(0, SCREEN_COLUMNS).split("").entries()) {
      if (char !== " ") this.#put(grid, { column, row }, this.#letter(char, paper, INK));
    }
  }

  #drawHead(grid: Square[], { phase, leds }: TargetState, { step }: Moment): void {
    const lights = [leds.num && "Num", leds.caps && "Caps", leds.scroll && "Scroll"];
    const lit = lights.filter((name) => name !== false).join(" ");
    this.#drawLine(grid, STATUS_ROW, `  SIMULATED COMPUTER   ${phase}   ${lit}`, HEAD_PAPER);
    const start = (HEAD_ROWS - 1) * GRID_COLUMNS + (step % (GRID_COLUMNS - BAR_COLUMNS));
    grid.fill(this.#square(INK), start, start + BAR_COLUMNS);
  }

  #drawText(grid: Square[], { lines }: TargetState, { isCursorLit }: Moment): void {
    for (const [index, line] of lines.slice(0, SCREEN_ROWS).entries()) {
      this.#drawLine(grid, HEAD_ROWS + index * CELL_ROWS, line);
    }
    const column = Math.min((lines.at(-1) ?? "").length, SCREEN_COLUMNS - 1);
    const row = HEAD_ROWS + (Math.min(lines.length, SCREEN_ROWS) - 1) * CELL_ROWS;
    const cursor = Array.from({ length: CELL_COLUMNS * CELL_ROWS }, () => this.#square(INK));
    if (isCursorLit) this.#put(grid, { column, row }, cursor);
  }

  #drawPointer(grid: Square[], { pointer }: TargetState): void {
    const left = Math.round((pointer.x * SCREEN_WIDTH) / TARGET_WIDTH);
    const top = Math.round((pointer.y * SCREEN_HEIGHT) / TARGET_HEIGHT);
    const touched = new Map<number, Uint8Array>();
    for (const [dy, row] of POINTER.entries()) {
      for (const [dx, dot] of row.split("").entries()) {
        const [x, y] = [left + dx, top + dy];
        if (dot === " " || x >= SCREEN_WIDTH || y >= SCREEN_HEIGHT) continue;
        const place = Math.floor(y / TILE_SIZE) * GRID_COLUMNS + Math.floor(x / TILE_SIZE);
        const pixels = touched.get(place) ?? grid[place]?.pixels.slice();
        if (pixels === undefined) continue;
        pixels[(y % TILE_SIZE) * TILE_SIZE + (x % TILE_SIZE)] = dot === "2" ? 255 : BLACK;
        touched.set(place, pixels);
      }
    }
    for (const [place, pixels] of touched) grid[place] = this.#code(pixels);
  }
}
