import { z } from "zod";

/** Returns the end of a sentence, such as `must be a whole number from 1 to 32`. It never repeats the value. */
export function requirementOf(schema: z.ZodType, issues: readonly { readonly message: string }[]): string {
  // Some settings have their own message in the table.
  const own = issues.find(({ message }) => message.startsWith("must "));
  if (own !== undefined) return own.message;
  // A boolean is only visible in the output of its schema; all other types are in the input.
  const output = z.toJSONSchema(schema, { unrepresentable: "any" });
  if (output.type === "boolean") return "must be true or false";
  return mustBe(z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }));
}

function mustBe({
  type,
  enum: values,
  minimum,
  maximum,
  minLength = 0,
  maxLength,
}: z.core.JSONSchema.JSONSchema) {
  if (values !== undefined) return `must be one of ${values.join(", ")}`;
  if (type === "integer" || type === "number") {
    const kind = type === "integer" ? "a whole number" : "a number";
    const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
    if (minimum === undefined) return `must be ${kind}`;
    return bounded
      ? `must be ${kind} from ${minimum} to ${maximum}`
      : `must be ${kind} of at least ${minimum}`;
  }
  if (maxLength !== undefined) return `must be a text of ${minLength} to ${maxLength} characters`;
  return `must be a text of at least ${minLength} characters`;
}
