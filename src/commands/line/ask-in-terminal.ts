import { createInterface } from "node:readline/promises";

import { KeepsakeError } from "../../errors.js";
import { Stop } from "../../async/stop.js";
import type { CommandContext } from "../context.js";

export interface Question {
  readonly text: string;
  /** Error message where there is no terminal to ask in. */
  readonly otherwise: string;
  /** Error message where the terminal was closed without an answer. */
  readonly unanswered: string;
}

/**
 * Asks for a line in the terminal.
 * @throws KeepsakeError `not-confirmed`; Stop on Ctrl-C
 */
export async function askInTerminal(
  { input, screen, signal }: CommandContext,
  { text, otherwise, unanswered }: Question,
): Promise<string> {
  if (!input.isTTY || !screen.isTTY) throw new KeepsakeError("not-confirmed", otherwise);
  const terminal = createInterface({ input, output: screen });
  // While it asks, the terminal reports Ctrl-C as a key, not as a signal.
  const leaving = new AbortController();
  terminal.once("SIGINT", () => leaving.abort(new Stop("shutdown", "Ctrl-C was pressed.")));
  terminal.once("close", () => leaving.abort(new KeepsakeError("not-confirmed", unanswered)));
  const asking = AbortSignal.any([signal, leaving.signal]);
  try {
    return await terminal.question(text, { signal: asking });
  } catch (error) {
    // Ctrl-D rejects the question before the terminal is closed, in some versions of Node.
    terminal.close();
    asking.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
