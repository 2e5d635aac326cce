import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const tools = fileURLToPath(new URL("../../dist-tools/", import.meta.url));

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Settings = Readonly<Record<string, string>>;

/** Starts the built command with these settings and no others. */
export function startKeepsake(args: readonly string[], settings: Settings): ChildProcess {
  return startProgram(cli, args, settings);
}

function startProgram(file: string, args: readonly string[], settings: Settings): ChildProcess {
  const { PATH = "", HOME = "", TMPDIR = "" } = process.env;
  return spawn(process.execPath, [file, ...args], {
    env: { PATH, HOME, ...(TMPDIR === "" ? {} : { TMPDIR }), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs the built command to its end. */
export async function keepsake(args: readonly string[], settings: Settings): Promise<Ran> {
  return await finish(startKeepsake(args, settings));
}

/** Runs a built tool to its end, as `npm run <tool> -- <args>` does. */
export async function runTool(
  tool: "bench" | "corpus",
  args: readonly string[],
  settings: Settings,
): Promise<Ran> {
  return await finish(startProgram(`${tools}${tool}.js`, args, settings));
}

async function finish(child: ChildProcess): Promise<Ran> {
  const text = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (piece: string) => (text.stdout += piece));
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => (text.stderr += piece));
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, ...text };
}

/** The value that `--json` printed last. */
export function lastJson(ran: Ran): unknown {
  const line = ran.stdout.trim().split("\n").at(-1) ?? "";
  return JSON.parse(line);
}
