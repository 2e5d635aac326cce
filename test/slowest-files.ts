import type { Reporter, TestModule } from "vitest/node";

const shownCount = 10;

/** Prints the slowest files of a run with more than a few files: the first candidates for shortening it. */
export class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length <= shownCount) return;
    const seconds = (module: TestModule): number => {
      const { setupDuration, collectDuration, duration } = module.diagnostic();
      return (setupDuration + collectDuration + duration) / 1000;
    };
    const slowest = modules.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, shownCount);
    const lines = slowest.map(
      (module) =>
        `${seconds(module).toFixed(1).padStart(7)} s  ${module.relativeModuleId} (${module.project.name})`,
    );
    process.stdout.write(`\nThe ${shownCount} slowest of ${modules.length} files:\n${lines.join("\n")}\n`);
  }
}
