import { createInterface } from "node:readline/promises";

import { KeepsakeError } from "../errors.js";
import { Stop } from "../async/stop.js";
import type { CommandContext } from "./context.js";

export interface Question {
  readonly text: string;
  /** What to say where there is no terminal to ask in. */
  readonly otherwise: string;
  /** What to say where the terminal was closed instead. */
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
  // While it asks, the terminal hands us Ctrl-C as a key, not as a signal.
  const left = new AbortController();
  terminal.once("SIGINT", () => left.abort(new Stop("shutdown", "Ctrl-C was pressed.")));
  terminal.once("close", () => left.abort(new KeepsakeError("not-confirmed", unanswered)));
  const asking = AbortSignal.any([signal, left.signal]);
  try {
    return await terminal.question(text, { signal: asking });
  } catch (error) {
    // Ctrl-D refuses the question before the terminal is closed, in some versions of Node.
    terminal.close();
    asking.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
