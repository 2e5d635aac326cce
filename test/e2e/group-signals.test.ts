import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { findProcesses } from "../chaos/find-processes.js";
import { openTestDatabase, type TestDatabase } from "../database.js";
import { keepsake } from "./keepsake.js";
import { listDescendants } from "./watch-tree.js";
import { useFolder } from "../use-folder.js";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const onLinux = process.platform === "linux";
/** "running" and "degraded" take units; elsewhere there is no systemd, or it is not the one that runs the machine. */
const systemd = spawnSync("systemctl", ["is-system-running"], { encoding: "utf8" }).stdout?.trim() ?? "";
/** True when `script` of util-linux is installed, which runs a program in a new terminal. */
const hasScript = spawnSync("script", ["--version"]).status === 0;
const hasSystemd = process.getuid?.() === 0 && ["running", "degraded"].includes(systemd);

let database: TestDatabase;
let sql: postgres.Sql;
const folder = useFolder();
beforeAll(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 2, onnotice: () => undefined });
  await mkdir(path.join(folder, "storage"));
});
afterEach(async () => {
  // No process of any film is left after any signal.
  await expect.poll(async () => await findProcesses(folder)).toEqual([]);
});
afterAll(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

function settings(): Readonly<Record<string, string>> {
  return {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_SIZE: "360x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_CORES: "2",
    KEEPSAKE_HEARTBEAT_SECONDS: "1",
    KEEPSAKE_DRAIN_SECONDS: "1200",
  };
}

/** The leader of a process group, as a shell or a supervisor starts it. */
function startWorker(): ChildProcess {
  return spawn(process.execPath, [cli, "work"], { env: settings(), stdio: "ignore", detached: true });
}

async function enqueueCapsule(): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into public.capsules (title, status) values ('Margaret Hollis', 'closed') returning id`;
  const id = row?.id ?? "";
  await sql`
    insert into public.messages (capsule_id, contributor_name, content_text)
    select ${id}::uuid, 'Priya', 'One more summer, she always said, and there was one more: ' || ${id}::text || n
    from generate_series(1, 8) as n`;
  await keepsake(["enqueue", id], settings());
  return id;
}

/** Waits until a film of the capsule is being made, and so far. */
async function begun(id: string, stage: "at once" | "painting"): Promise<void> {
  const rows = async () =>
    await sql`
    select from keepsake.attempts
    where capsule_id = ${id}::uuid and (${stage} = 'at once' or (stage = 'painting' and done > 0))`;
  while ((await rows()).length === 0) await sleep(20);
}

/** Waits for the processes of a film. Between two of its steps there may be none for a moment. */
async function childrenOf(worker: number): Promise<readonly number[]> {
  for (;;) {
    const children = await listDescendants(worker);
    if (children.length > 0) return children;
    await sleep(5);
  }
}

/** Returns the outcomes of the attempts at a capsule, and the number of dead letters. */
async function ends(id: string) {
  const attempts = await sql`
    select outcome, error_code as code from keepsake.attempts where capsule_id = ${id}::uuid order by started_at`;
  const [deadLetters] = await sql`select count(*)::integer as count from pgmq.q_video_jobs_dlq`;
  return { attempts: [...attempts], deadLetters: deadLetters?.["count"] as number };
}

const published = { attempts: [{ outcome: "published", code: null }], deadLetters: 0 };

describe.runIf(onLinux)("a worker that is stopped with all its processes", () => {
  it.each([
    ["SIGTERM", "children first", "painting"],
    ["SIGTERM", "worker first", "painting"],
    ["SIGTERM", "children first", "at once"],
    ["SIGINT", "children first", "painting"],
    ["SIGHUP", "worker first", "painting"],
  ] as const)("by %s, %s, %s, publishes its film", async (signalName, order, stage) => {
    const id = await enqueueCapsule();
    const worker = startWorker();
    const exited = once(worker, "exit");
    await begun(id, stage);
    const own = worker.pid ?? 0;
    const children = stage === "painting" ? await childrenOf(own) : await listDescendants(own);
    for (const pid of order === "worker first" ? [own, ...children] : [...children, own]) {
      try {
        process.kill(pid, signalName);
      } catch {
        // The process has already ended.
      }
    }
    expect(await exited).toEqual([0, null]);
    expect(await ends(id)).toEqual(published);
  });

  it("publishes its film when its process group gets SIGINT, as a terminal sends it at Ctrl-C", async () => {
    const id = await enqueueCapsule();
    const worker = startWorker();
    const exited = once(worker, "exit");
    await begun(id, "painting");
    process.kill(-(worker.pid ?? 0), "SIGINT");
    expect(await exited).toEqual([0, null]);
    expect(await ends(id)).toEqual(published);
  });

  // Skipped where there is no `script`.
  it.runIf(hasScript)("publishes its film when its terminal is closed", async () => {
    const id = await enqueueCapsule();
    const command = `exec ${process.execPath} ${cli} work`;
    const terminal = spawn("script", ["--quiet", "--command", command, "/dev/null"], {
      env: settings(),
      stdio: ["pipe", "ignore", "ignore"],
    });
    await begun(id, "painting");
    await childrenOf(terminal.pid ?? 0);
    terminal.kill("SIGKILL");
    // How Node ends without its terminal is not checked. The film is.
    await expect.poll(async () => await ends(id)).toEqual(published);
  });

  it("counts no attempt of a film whose processes were killed by SIGKILL before the worker was told to stop", async () => {
    const id = await enqueueCapsule();
    const worker = startWorker();
    const exited = once(worker, "exit");
    await begun(id, "painting");
    // The worker is stopped until its processes are killed and its SIGTERM is sent: on a busy machine the second that it waits
    // for the signal after the loss would be over.
    worker.kill("SIGSTOP");
    for (const pid of await listDescendants(worker.pid ?? 0)) killIfThere(pid);
    worker.kill("SIGTERM");
    worker.kill("SIGCONT");
    expect(await exited).toEqual([0, null]);
    expect(await ends(id)).toEqual({
      attempts: [{ outcome: "interrupted", code: "child-stopped" }],
      deadLetters: 0,
    });
    const end = once(startUntilEmpty(), "exit");
    expect(await end).toEqual([0, null]);
    expect((await ends(id)).attempts.at(-1)).toEqual({ outcome: "published", code: null });
  });
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function startUntilEmpty(): ChildProcess {
  return spawn(process.execPath, [cli, "work", "--until-empty"], { env: settings(), stdio: "ignore" });
}

// Skipped where systemd does not run the machine, or this user may not start units.
describe.runIf(hasSystemd)("a worker stopped by systemctl", () => {
  it.each([
    ["KillMode=control-group, systemd's default", ["KillMode=control-group"]],
    ["the same again", ["KillMode=control-group"]],
    ["the same a third time", ["KillMode=control-group"]],
    ["SIGHUP after SIGTERM", ["KillMode=control-group", "SendSIGHUP=yes"]],
    ["KillMode=mixed, Type=exec", ["KillMode=mixed", "Type=exec"]],
  ])("publishes its film when systemctl stops it with %s", async (_what, given) => {
    const id = await enqueueCapsule();
    const unit = `keepsake-test-${id}`;
    const properties = ["TimeoutStopSec=1200", ...given].flatMap((property) => ["-p", property]);
    const environment = Object.entries(settings()).map(([name, value]) => `--setenv=${name}=${value}`);
    const command = [process.execPath, cli, "work"];
    run("systemd-run", ["--collect", `--unit=${unit}`, ...properties, ...environment, ...command]);
    await begun(id, "painting");
    run("systemctl", ["stop", unit]);
    expect(await ends(id)).toEqual(published);
  });
});

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
}
