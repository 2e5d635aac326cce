// Mutates files and payloads and checks the results; docs/fuzz.md describes how. Exits with 1 when anything was found.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const usage =
  "usage: npm run fuzz -- [--minutes n] [--seed n] [--folder of-files-to-begin-with] [--only part-of-a-name] [--findings folder] [--json] [--replay file]";

const options = readOptions();
const resultFolder = mkdtempSync(path.join(tmpdir(), "keepsake-fuzz-result-"));
process.on("exit", () => rmSync(resultFolder, { recursive: true, force: true }));
const resultFile = path.join(resultFolder, "result.json");
const exitCode = await runTests();
const [fileResult, valueResult] = ["files", "values"].map((part) => {
  const file = `${resultFile}.${part}`;
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
});
if (fileResult !== null || valueResult !== null) {
  const findings = [fileResult, valueResult].flatMap((part) => part?.findings ?? []);
  const result = {
    seed: Number(options.seed),
    files: fileResult?.figures,
    values: valueResult?.figures,
    findings,
  };
  console.log(options.json ? JSON.stringify(result) : describe(result));
}
process.exitCode = exitCode === 0 ? 0 : 1;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: "string", default: "10" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        folder: { type: "string" },
        only: { type: "string" },
        findings: { type: "string", default: "fuzz-findings" },
        replay: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    if (!(Number(values.minutes) > 0)) throw new Error("--minutes must be a number above 0");
    if (!/^\d+$/.test(values.seed)) throw new Error("--seed must be a whole number");
    for (const name of ["folder", "replay"]) {
      if (values[name] !== undefined && !existsSync(values[name]))
        throw new Error(`--${name}: ${values[name]} does not exist`);
    }
    return values;
  } catch (error) {
    console.error(`fuzz: ${error.message}\n${usage}`);
    return process.exit(2);
  }
}

/** Runs the fuzz tests. Standard output is for the figures alone. */
function runTests() {
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const settings = {
    minutes: Number(options.minutes),
    seed: Number(options.seed),
    folder: options.folder === undefined ? null : path.resolve(options.folder),
    only: options.only ?? null,
    replay: options.replay === undefined ? null : path.resolve(options.replay),
    findingsFolder: path.resolve(options.findings),
    resultFile,
  };
  const child = spawn(process.execPath, [vitest, "run", "--project", "more fuzz"], {
    cwd: root,
    stdio: ["ignore", process.stderr, process.stderr],
    // A process group, so that none of vitest's own processes outlives it.
    detached: true,
    env: { ...process.env, SVT_LOG: "0", KEEPSAKE_FUZZ: JSON.stringify(settings) },
  });
  const { pid } = child;
  for (const signalName of ["SIGINT", "SIGTERM"]) {
    process.once(signalName, () => pid !== undefined && process.kill(-pid, signalName));
  }
  return new Promise((resolve) => {
    child.once("close", resolve);
  });
}

function describe({ findings = [], ...figures }) {
  return [
    JSON.stringify(figures, null, 2),
    `${findings.length} findings`,
    ...findings.map(({ signature, times, file }) => `  ${times} × ${signature}: ${file}`),
  ].join("\n");
}
