// Runs the attacks of test/chaos, by default in their full dose, and prints their figures. Exits with 1 when
// something was lost, done twice or left behind. docs/chaos.md describes each attack.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const known = readdirSync(path.join(root, "test/chaos"))
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => name.slice(0, -".test.ts".length));
const usage = `usage: npm run chaos -- [attack…] [--dose small|full] [--seed n] [--json]\nattacks: ${known.join(", ")}`;

const options = readOptions();
const resultsFolder = mkdtempSync(path.join(tmpdir(), "keepsake-chaos-results-"));
process.on("exit", () => rmSync(resultsFolder, { recursive: true, force: true }));
let good = true;
const results = [];
let stopped = false;
for (const signalName of ["SIGINT", "SIGTERM"]) process.once(signalName, () => (stopped = true));
for (const attack of options.attacks) {
  if (stopped) break;
  const exitCode = await runAttack(attack);
  const file = path.join(resultsFolder, `${attack}.json`);
  // An attack that broke off has no figures; vitest has printed the reason.
  const result = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { attack, violations: ["broke off"] };
  results.push(result);
  good &&= !stopped && exitCode === 0 && result.violations.length === 0;
  if (!options.json) console.log(describe(result));
}
if (options.json) console.log(JSON.stringify({ good, attacks: results }));
process.exitCode = good ? 0 : 1;

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        dose: { type: "string", default: "full" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        json: { type: "boolean", default: false },
      },
    });
    const unknown = positionals.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new Error(`there is no attack named ${unknown}`);
    if (!["small", "full"].includes(values.dose))
      throw new Error(`--dose must be small or full, not ${values.dose}`);
    if (!/^\d+$/.test(values.seed)) throw new Error("--seed must be a whole number");
    const attacks = positionals.length === 0 ? known : positionals;
    return { attacks, dose: values.dose, seed: Number(values.seed), json: values.json };
  } catch (error) {
    console.error(`chaos: ${error.message}\n${usage}`);
    return process.exit(2);
  }
}

/**
 * Runs one attack in a process of its own, so that nothing that it leaves behind can disturb the next. Standard output is
 * for the figures alone.
 */
function runAttack(attack) {
  const { dose, seed } = options;
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const child = spawn(
    process.execPath,
    [vitest, "run", "--project", "more chaos", `test/chaos/${attack}.test.ts`],
    {
      cwd: root,
      stdio: ["ignore", process.stderr, process.stderr],
      // A process group, so that none of vitest's own processes outlives it.
      detached: true,
      env: { ...process.env, KEEPSAKE_CHAOS: JSON.stringify({ dose, seed, resultsFolder }) },
    },
  );
  const { pid } = child;
  const forward = (signalName) => pid !== undefined && process.kill(-pid, signalName);
  const signalNames = ["SIGINT", "SIGTERM"];
  for (const signalName of signalNames) process.once(signalName, forward);
  return new Promise((resolve) => {
    child.once("close", (exitCode) => {
      for (const signalName of signalNames) process.off(signalName, forward);
      resolve(exitCode);
    });
  });
}

function describe({ attack, dose, seed, seconds, figures = {}, violations, ...counts }) {
  const lines = [`${attack}: ${dose} dose, seed ${seed}, ${seconds} s`];
  for (const [name, value] of Object.entries({ ...figures, ...counts })) {
    lines.push(`  ${name}: ${JSON.stringify(value)}`);
  }
  return [...lines, ...violations.slice(0, 20).map((violation) => `  VIOLATION: ${violation}`)].join("\n");
}
