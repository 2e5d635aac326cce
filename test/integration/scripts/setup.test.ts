import { spawn, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

const setupScript = fileURLToPath(new URL("../../../scripts/setup.mjs", import.meta.url));

/** A checkout of the smallest kind: one package, from a folder beside it, and a build that counts itself. */
const files: Record<string, string> = {
  "package.json": JSON.stringify({ name: "tiny", version: "1.0.0", dependencies: { dep: "file:dep" } }),
  "package-lock.json": JSON.stringify({
    name: "tiny",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "tiny", version: "1.0.0", dependencies: { dep: "file:dep" } },
      dep: { version: "1.0.0" },
      "node_modules/dep": { resolved: "dep", link: true },
    },
  }),
  "dep/package.json": JSON.stringify({ name: "dep", version: "1.0.0" }),
  "src/main.ts": "export const answer = 42;\n",
  "sql/0001.sql": "select 1;\n",
  "tools/bench.ts": "export {};\n",
  "tsconfig.json": "{}\n",
  "scripts/build.mjs": `import { appendFileSync, mkdirSync, rmSync } from "node:fs";
if (!process.argv.includes("--clean")) throw new Error("not clean");
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
appendFileSync("builds.log", "built\\n");
if (process.env["BREAK_BUILD"] === "yes") process.exit(1);
`,
};

let root = "";

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "keepsake-setup-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
  await cp(setupScript, path.join(root, "scripts/setup.mjs"));
});

afterEach(async () => {
  const left = (await readdir(root)).filter((name) => name.startsWith(".setup-lock"));
  await rm(root, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`Setup left its lock behind: ${left.join(", ")}`);
});

function setup(environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/setup.mjs"], {
    cwd: root,
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

async function setupBeside(): Promise<number | null> {
  const child = spawn(process.execPath, ["scripts/setup.mjs"], { cwd: root, stdio: "ignore" });
  return await new Promise((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
}

async function buildCount(): Promise<number> {
  return (await readFile(path.join(root, "builds.log"), "utf8")).split("\n").length - 1;
}

describe("setup", () => {
  test("installs and builds a fresh checkout, then finds nothing to do and says nothing", async () => {
    const first = setup();
    expect(first).toMatchObject({ status: 0, stdout: "" });
    expect(first.stderr).toContain("installing packages");
    expect(await readdir(path.join(root, "node_modules"))).toContain("dep");
    expect(await buildCount()).toBe(1);

    expect(setup()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await buildCount()).toBe(1);
  });

  test.each(["src/added.ts", "sql/0001.sql"])(
    "builds again, without installing, when %s changes",
    async (file) => {
      setup();
      await writeFile(path.join(root, file), "// changed\n");
      const again = setup();
      expect(again).toMatchObject({ status: 0 });
      expect(again.stderr).not.toContain("installing");
      expect(await buildCount()).toBe(2);
    },
  );

  test("installs again when the lock names another version", async () => {
    setup();
    for (const name of ["package-lock.json", "dep/package.json"]) {
      const text = files[name] ?? "";
      await writeFile(path.join(root, name), text.replace(/("?dep"?[^}]*"version":)"1.0.0"/, '$1"1.0.1"'));
    }
    const again = setup();
    expect(again).toMatchObject({ status: 0 });
    expect(again.stderr).toContain("installing packages");
    expect(setup().stderr).toBe("");
  });

  test("does the work once when three start together", async () => {
    expect(await Promise.all([setupBeside(), setupBeside(), setupBeside()])).toEqual([0, 0, 0]);
    expect(await buildCount()).toBe(1);
  });

  test("takes over the lock of a process that has died", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    await mkdir(path.join(root, ".setup-lock"));
    await writeFile(path.join(root, ".setup-lock/pid"), String(dead));
    expect(setup()).toMatchObject({ status: 0 });
    expect(await buildCount()).toBe(1);
  });

  test("fails with the build, and tries again the next time", async () => {
    const broken = setup({ BREAK_BUILD: "yes" });
    expect(broken.status).toBe(2);
    expect(broken.stderr).toContain("The build failed");
    expect(setup()).toMatchObject({ status: 0 });
    expect(await buildCount()).toBe(2);
  });
});
