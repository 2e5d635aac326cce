import { KeepsakeError } from "../../errors.js";
import { askInTerminal } from "./ask-in-terminal.js";
import type { CommandContext } from "../context.js";

export const confirmArgument = {
  confirm: {
    type: "string",
    description: "The number that the command must find; without it, a terminal asks for it.",
    valueHint: "count",
  },
} as const;

/**
 * Returns only if the operator has entered the right number, by `--confirm` or in a terminal.
 * @param what the effect of the command, e.g. `3 jobs would be cancelled`
 * @throws KeepsakeError `not-confirmed`; nothing was changed then
 */
export async function confirmCount(
  context: CommandContext,
  count: number,
  what: string,
  given: string | undefined,
): Promise<void> {
  const answer =
    given ??
    (await askInTerminal(context, {
      text: `${what}. Type ${count} to continue: `,
      otherwise: `${what}: confirm it with --confirm ${count}.`,
      unanswered: "No number was given: nothing was changed.",
    }));
  if (answer.trim() === String(count)) return;
  throw new KeepsakeError(
    "not-confirmed",
    `The number is ${count}, not "${answer.slice(0, 20)}": nothing was changed.`,
  );
}
