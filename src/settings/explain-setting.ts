import type { z } from "zod";

import { refusedSetting } from "./refused-setting.js";

/** What is wrong with a setting, and what it means. @param name the variable, or the option that it was given by */
export function explainSetting(name: string, schema: z.ZodType, meaning: string, error: z.ZodError): string {
  const refusal = refusedSetting(schema, error.issues);
  return `${name} ${refusal}. ${meaningAfter(refusal, meaning)}`.trim();
}

/**
 * What a setting means, as a sentence for a terminal that follows its refusal: links of Markdown as the pages that they
 * lead to, and without the list of values that the refusal has given.
 * @param meaning as it is in the table of the README
 * @param refusal `must be one of draft, standard, archive`
 */
function meaningAfter(refusal: string, meaning: string): string {
  const plain = meaning.replaceAll(/\[([^\]]+)\]\(([^)#]+)(?:#[^)]*)?\)/g, (_, text: string, page: string) =>
    text === page ? page : `${text}: ${page}`,
  );
  const [, list] = /^must be (?:one of )?(.*)$/.exec(refusal) ?? [];
  const values = (list ?? "").split(/, | or /);
  if (values.length < 2) return plain;
  const escaped = values.map((value) => `\`?${value.replaceAll(/[^\w]/g, String.raw`\$&`)}\`?`);
  const rest = plain.replace(new RegExp(`:? ?${escaped.join("(?:, | or )")}`), "").trim();
  return /\w/.test(rest) ? rest : "";
}
