import type { z } from "zod";

import { requirementOf } from "./requirement-of.js";

/**
 * Explains the requirement and the meaning of a setting.
 * @param name the variable, or the option that set it
 */
export function explainSetting(name: string, schema: z.ZodType, meaning: string, error: z.ZodError): string {
  const requirement = requirementOf(schema, error.issues);
  return `${name} ${requirement}. ${meaningAfter(requirement, meaning)}`.trim();
}

/**
 * Turns the meaning of a setting into plain text that follows its requirement: Markdown links become the paths of their
 * pages, and a list of values that the requirement already names is left out.
 * @param requirement e.g. `must be one of draft, standard, archive`
 * @param meaning Markdown of the table in docs/settings.md
 */
function meaningAfter(requirement: string, meaning: string): string {
  const plain = meaning.replaceAll(/\[([^\]]+)\]\(([^)#]+)(?:#[^)]*)?\)/g, (_, text: string, page: string) =>
    text === page ? page : `${text}: ${page}`,
  );
  const [, list] = /^must be (?:one of )?(.*)$/.exec(requirement) ?? [];
  const values = (list ?? "").split(/, | or /);
  if (values.length < 2) return plain;
  const escaped = values.map((value) => `\`?${value.replaceAll(/[^\w]/g, String.raw`\$&`)}\`?`);
  const rest = plain.replace(new RegExp(`:? ?${escaped.join("(?:, | or )")}`), "").trim();
  return /\w/.test(rest) ? rest : "";
}
