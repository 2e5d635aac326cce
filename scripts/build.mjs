// Builds dist/ (the product) and dist-tools/ (benchmarks and corpus): TypeScript by tsc, the kernel and the face detector by
// the AssemblyScript compiler, both from node_modules.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(packagePath, ...args) {
  const result = spawnSync(process.execPath, [path.join(root, "node_modules", packagePath), ...args], {
    cwd: root,
    stdio: ["ignore", process.stderr, process.stderr],
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

if (process.argv.includes("--clean")) {
  for (const folder of ["dist", "dist-tools"])
    rmSync(path.join(root, folder), { recursive: true, force: true });
}
for (const [source, target] of [
  ["src/kernel/assembly/kernel.ts", "dist/kernel/kernel.wasm"],
  ["src/faces/assembly/network.ts", "dist/faces/network.wasm"],
]) {
  mkdirSync(path.join(root, path.dirname(target)), { recursive: true });
  run(
    "assemblyscript/bin/asc.js",
    source,
    ...["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--enable", "bulk-memory"],
    ...["-o", target],
  );
}
cpSync(path.join(root, "src/faces/model"), path.join(root, "dist/faces/model"), { recursive: true });
// A migration that was renamed must not stay there under its old name too.
rmSync(path.join(root, "dist/sql"), { recursive: true, force: true });
cpSync(path.join(root, "sql"), path.join(root, "dist/sql"), { recursive: true });
run("typescript/bin/tsc", "-p", "tsconfig.json");
// The tools import dist/ as tests do: what they measure is what a worker runs.
run("typescript/bin/tsc", "-p", "tools");
