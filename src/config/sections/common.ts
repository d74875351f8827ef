import Type from "typebox";

/** Where a board default may fill in: the word stays until `resolveBoard` replaces it. */
export const Auto = Type.Literal("auto");

/** A secret: the text itself, or `{ file }` naming a file that holds it (trailing newline ignored). */
export const Secret = (description: string) =>
  Type.Union(
    [
      Type.String(),
      Type.Object(
        {
          file: Type.String({
            minLength: 1,
            description: "Path of the file that holds the secret.",
          }),
        },
        { additionalProperties: false },
      ),
    ],
    // The standard's word for "never shown back"; the loader takes it as the mark of a secret.
    { default: "", writeOnly: true, description },
  );

/** One of a few words. */
export const Word = <T extends string[]>(
  words: readonly [...T],
  options: { default: T[number]; description: string },
) => Type.Enum(words, options);

export const Flag = (value: boolean, description: string) =>
  Type.Boolean({ default: value, description });

export const Text = (value: string, description: string) =>
  Type.String({ default: value, description });

export const Seconds = (value: number, description: string, minimum = 0) =>
  Type.Number({ default: value, minimum, description: `${description} Seconds.` });

/** An object section whose own default is built from the defaults inside. */
export const Section = <T extends Type.TProperties>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, default: {}, description });
