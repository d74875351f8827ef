/**
 * The one validator compiler: defaults, conversion of text to numbers and the like (not for bodies), then the check.
 * Schemas are compiled when their route is first used, which keeps them out of the start-up time.
 */
import type { FastifyInstance, FastifySchema } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Validator } from "typebox/compile";
import { Convert, Default } from "typebox/value";
import { ValidationError } from "../core/errors.ts";

type HttpPart = keyof FastifySchema | "params" | "querystring" | "headers" | "body";

interface ValidationResult {
  value?: unknown;
  error?: Error;
}

function explain(validator: Validator, value: unknown, part: string): ValidationError {
  const [first] = validator.Errors(value);
  if (first === undefined) return new ValidationError(`${part} is not valid`);
  const path = first.instancePath.replaceAll("/", ".").slice(1);
  const place = path === "" ? part : `${part}.${path}`;
  return new ValidationError(`${place} ${first.message}`);
}

/** Checks values against one schema. */
export function createValidator(
  schema: TSchema,
  part: HttpPart = "body",
): (value: unknown) => ValidationResult {
  let compiled: Validator | undefined;
  const check = (value: unknown): ValidationResult => {
    compiled ??= Compile(schema);
    // Defaults and conversion write into the value, which may be shared.
    const complete = Default(schema, structuredClone(value));
    const converted = part === "body" ? complete : Convert(schema, complete);
    if (compiled.Check(converted)) return { value: converted };
    return { error: explain(compiled, converted, part) };
  };
  return (value) => {
    try {
      return check(value);
    } catch (cause) {
      // The stack is what thousands of lists within lists use up.
      if (!(cause instanceof RangeError)) throw cause;
      return { error: new ValidationError(`${part} is nested too deeply`, { cause }) };
    }
  };
}

function neverAsked(): never {
  throw new Error("installValidation() sets the compilers");
}

/** For Fastify's options: else it loads compilers of its own, only to have them replaced. */
export const noCompilers = {
  compilersFactory: { buildValidator: neverAsked, buildSerializer: neverAsked },
};

export function installValidation(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const part = httpPart === "params" || httpPart === "headers" || httpPart === "querystring";
    return createValidator(schema, part ? httpPart : "body");
  });
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
}
