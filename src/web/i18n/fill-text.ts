export type TextParams = Readonly<Record<string, string | number>>;

/**
 * A text with its values. `{name}` is a value; `{count:image|images}` is the first word for one and the second for any
 * other number.
 */
export function fillText(template: string, params: TextParams): string {
  return template.replaceAll(
    /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, other?: string) => {
      const value = params[name];
      if (value === undefined) return whole;
      if (one === undefined || other === undefined) return String(value);
      return Number(value) === 1 ? one : other;
    },
  );
}
