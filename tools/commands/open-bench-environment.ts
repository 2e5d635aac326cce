import type { BenchEnvironment } from "../bench/bench-environment.js";
import { openWorkFolder } from "../../dist/files/work-folder.js";
import { configOf, logOf, type CommandContext } from "../../dist/commands/context.js";

/** Opens a work folder, which is removed on disposal, reads the settings of films, and prints steps to standard error. */
export async function openBenchEnvironment(
  context: CommandContext,
): Promise<BenchEnvironment & AsyncDisposable> {
  const { cores, workFolder, film } = configOf(context);
  const folder = await openWorkFolder(workFolder);
  return {
    settings: film,
    cores,
    folder: folder.path,
    log: logOf(context, "warn"),
    signal: context.signal,
    onStep: (step) => context.screen.write(`${step}\n`),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
