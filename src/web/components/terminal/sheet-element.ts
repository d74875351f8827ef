/** Stands for a `style` element, which the page's policy does not permit: its text becomes a sheet of the document. */
class SheetElement extends HTMLElement {
  readonly #sheet = new CSSStyleSheet();

  connectedCallback(): void {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
  }

  disconnectedCallback(): void {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(
      (sheet) => sheet !== this.#sheet,
    );
  }

  override get textContent(): string {
    return "";
  }

  override set textContent(css: string) {
    this.#sheet.replaceSync(css);
  }
}

const NAME = "farhand-sheet";

/** The document, for programs that add `style` elements: they get something that may stay. */
export function documentWithSheets(): Document {
  if (customElements.get(NAME) === undefined) customElements.define(NAME, SheetElement);
  const createElement = (name: string): HTMLElement =>
    document.createElement(name === "style" ? NAME : name);
  return new Proxy(document, {
    get(target, key) {
      if (key === "createElement") return createElement;
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      const bound: unknown = value.bind(target);
      return bound;
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}
