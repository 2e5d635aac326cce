import { randomUUID } from "node:crypto";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { dumpDatabase } from "./dump-database.js";
import { lastJson } from "./keepsake.js";
import { findMarks, readFolder, type Evidence } from "./marks.js";
import { addMedia, closeCapsule, referencesOf, storedBy } from "./secret-capsules.js";
import {
  openSecretsEnvironment,
  type SecretsEnvironment,
  type Trouble,
  type Way,
} from "./secrets-environment.js";

const capsuleId = "5f0c7a52-5555-4a54-9d0b-6d1f3d4c9a10";
const crashId = "5f0c7a52-7777-4a54-9d0b-6d1f3d4c9a10";
const shownId = "5f0c7a52-8888-4a54-9d0b-6d1f3d4c9a10";
const toldId = "5f0c7a52-9999-4a54-9d0b-6d1f3d4c9a10";
const laterId = "5f0c7a52-6666-4a54-9d0b-6d1f3d4c9a10";

type Settings = Readonly<Record<string, string>>;
type Troubles = readonly (readonly [
  what: string,
  words: RegExp,
  settings: (environment: SecretsEnvironment) => Settings,
])[];

const everywhere: Troubles = [
  [
    "a key that is refused",
    /storage-key-refused/,
    ({ marks }) => ({ SUPABASE_SERVICE_ROLE_KEY: `sb_secret_not_${marks[0]?.core}` }),
  ],
  [
    "a project that speaks no TLS",
    /reached/,
    ({ url }) => ({ SUPABASE_URL: url.replace("http:", "https:") }),
  ],
  [
    "a key in the place of a folder",
    /KEEPSAKE_WORK_FOLDER/,
    (environment) => ({ KEEPSAKE_WORK_FOLDER: keyOf(environment) }),
  ],
];
const troublesOf: Readonly<Record<Way, Troubles>> = {
  connection: [
    ...everywhere,
    ["a password that is refused", /database-refused/, withDatabase((url) => (url.password += "x"))],
    ["a database that is not there", /database-unreachable/, withDatabase((url) => (url.port = "9"))],
    ["a database without TLS", /offers no TLS/, withDatabase((url) => (url.search = "?sslmode=require"))],
    [
      "a password that was not encoded",
      /percent-encode/,
      ({ settings }) => ({ DATABASE_URL: decodeURIComponent(settings["DATABASE_URL"] ?? "") }),
    ],
  ],
  "data-api": everywhere,
};

describe.runIf(process.platform === "linux").each<Way>(["connection", "data-api"])("by %s", (way) => {
  const trouble: Trouble = { intercept: null };
  let environment: SecretsEnvironment;

  beforeAll(async () => {
    environment = await openSecretsEnvironment(way, trouble);
    await addMedia(environment);
  });
  afterAll(async () => {
    const left = readFolder(path.join(environment.folder, "films")).map(({ where }) => where);
    expect(left.filter((where) => where.includes("/film-"))).toEqual([]);
    await environment[Symbol.asyncDispose]();
  });

  const marksIn = (evidence: readonly Evidence[]): readonly string[] =>
    findMarks(environment.marks, evidence);

  it("the search finds a secret in a row and in other encodings", async () => {
    const [key, password, token] = environment.marks.map(({ core }) => core);
    await environment.sql`create schema leak`;
    await environment.sql.unsafe(`create table leak.rows as select 'x${key}y' as column_of_text`);
    const rows = await dumpDatabase(environment.sql);
    await environment.sql`drop schema leak cascade`;
    const packed = [
      { where: "a header", bytes: Buffer.from(`service:${password}.`).toString("base64") },
      { where: "a memory", bytes: Buffer.from(`a ${token}`, "utf16le") },
    ];
    expect(marksIn([...rows, ...packed])).toEqual([
      "service key (plain) in the table leak.rows",
      "password (base64) in a header",
      "password (base64url) in a header",
      "signed address (UTF-16) in a memory",
    ]);
  });

  it("no secret is found anywhere while a film is made or afterwards, whatever happened to its messages", async () => {
    await closeCapsule(environment, capsuleId, referencesOf(environment));
    await closeCapsule(environment, laterId, [
      `${environment.url}/functions/v1/later?token=${environment.signed}`,
    ]);
    const missing = { capsule_id: randomUUID(), job_type: "generate_video", status: "pending", priority: 1 };
    await environment.sql`select pgmq.send('video_jobs_queue'::text, ${environment.sql.json(missing)}::jsonb)`;
    const evidence: Evidence[] = [];
    for (const args of [
      ["doctor"],
      ["doctor", "--json"],
      ["enqueue", capsuleId],
      ["enqueue", laterId],
      ["--help"],
    ]) {
      const ran = await environment.run(args);
      expect(ran.exitCode, ran.stdout + ran.stderr).toBe(0);
      evidence.push(...ran.evidence);
    }

    let beside: readonly Evidence[] = [];
    trouble.intercept = (request, response) => {
      if (request.url?.startsWith("/functions/") === true) {
        const isLater = request.url.startsWith("/functions/v1/later");
        response.writeHead(isLater ? 503 : 401, { "retry-after": "3600" }).end();
        return true;
      }
      // The disk contains the whole film, and a note with the address of its upload.
      if (request.method === "PATCH") beside = readFolder(environment.folder);
      return false;
    };
    const worked = await environment.run(["work", "--until-empty", "--json"]);
    trouble.intercept = null;
    expect(worked, worked.stderr).toMatchObject({ exitCode: 0 });
    expect(lastJson(worked)).toMatchObject({ outcomes: { published: 1, failed: 1, rejected: 1 } });
    evidence.push(...worked.evidence, ...beside);
    for (const kind of ["prepare", "segment", "mix", "inspect"])
      expect([...worked.processes.values()].map(({ command }) => command).join("\n")).toContain(
        `${kind}-child.js`,
      );
    expect(beside.map(({ where }) => where).join("\n")).toMatch(/films\/uploads\/.*\.json/);

    for (const args of [
      ["status"],
      ["films", "--json"],
      ["films"],
      ["failed", "list"],
      ["failed", "show", "1"],
      ["log"],
      ["log", "--json"],
    ]) {
      const ran = await environment.run(args);
      expect(ran.exitCode, ran.stdout + ran.stderr).toBe(0);
      evidence.push(...ran.evidence);
    }
    evidence.push(
      ...(await dumpDatabase(environment.sql)),
      ...readFolder(environment.folder),
      ...storedBy(environment),
    );
    expect(marksIn(evidence)).toEqual([]);
    // Each message that could not be shown is there with its reason, or nothing was looked at above.
    const [attempt] = await environment.sql<{ codes: string[] }[]>`
      select array(select w ->> 'code' from jsonb_array_elements(warnings) as w) as codes
      from keepsake.attempts where outcome = 'published'`;
    expect(attempt?.codes.toSorted()).toEqual([
      "media-address-refused",
      "media-address-refused",
      "media-address-refused",
      "media-address-refused",
      "media-damaged",
      "media-forbidden",
      "media-not-found",
    ]);
  });

  it("a worker and a decoder that crash leave no core file, and the next worker removes what was left", async () => {
    await closeCapsule(environment, crashId, referencesOf(environment));
    await environment.run(["enqueue", crashId]);
    let worker = 0;
    trouble.intercept = ({ url = "" }) => {
      if (url.includes("/object/authenticated/")) process.kill(worker, "SIGABRT");
      return false;
    };
    const crashed = await environment.run(["work"], { onStart: (pid) => (worker = pid) });
    trouble.intercept = null;
    expect(crashed.exitCode).toBeNull();
    const left = readFolder(environment.folder);
    expect(left.map(({ where }) => where).join("\n")).toContain(`films/film-${worker}-`);

    await closeCapsule(environment, shownId, referencesOf(environment));
    await environment.run(["enqueue", shownId]);
    let decoders = 0;
    const next = await environment.run(["work", "--until-empty"], {
      settings: { KEEPSAKE_CACHE_BYTES: "0" },
      onFound: ({ pid, command }) => {
        if (!command.includes("prepare-child.js")) return;
        process.kill(pid, "SIGSEGV");
        decoders += 1;
      },
    });
    expect(next).toMatchObject({ exitCode: 0 });
    expect(decoders).toBeGreaterThan(0);
    const after = readFolder(environment.folder);
    expect(after.map(({ where }) => where).join("\n")).not.toContain(`films/film-`);
    const files = [...left, ...after].filter(({ where }) => /\/core[^/]*$/.test(where));
    expect(files.map(({ where }) => where)).toEqual([]);
    expect(marksIn([...crashed.evidence, ...next.evidence, ...left, ...after])).toEqual([]);
  });

  it("the log for a terminal holds no secret", async () => {
    await closeCapsule(environment, toldId, [
      `${environment.url}/storage/v1/object/sign/media/gone.jpg?token=${environment.signed}`,
    ]);
    await environment.run(["enqueue", toldId]);
    const { stdout } = await environment.run(["work", "--until-empty"], { terminal: true });
    expect(stdout).toContain("media-not-found");
    expect(marksIn([{ where: "the terminal", bytes: stdout }])).toEqual([]);
  });

  it.each(troublesOf[way])("the message about %s holds no secret", async (_what, words, settingsOf) => {
    const settings = settingsOf(environment);
    const worked = await environment.run(["work", "--until-empty"], { settings, stopAt: words });
    const doctor = await environment.run(["doctor"], { settings });
    expect(worked.stderr).toMatch(words);
    expect(doctor.exitCode).not.toBe(0);
    expect(marksIn([...worked.evidence, ...doctor.evidence, ...readFolder(environment.folder)])).toEqual([]);
  });

  it.each([401, 500])(
    "the log does not quote a proxy that answers %s with the request it got",
    async (status) => {
      trouble.intercept = (request, response) => {
        response.writeHead(status, { "content-type": "text/plain" });
        response.end(`${request.headers.apikey as string} ${JSON.stringify(request.headers)}`);
        return true;
      };
      const words = new RegExp(`status ${status}`);
      const worked = await environment.run(["work", "--until-empty"], { stopAt: words });
      trouble.intercept = null;
      expect(worked.stderr).toMatch(words);
      expect(marksIn(worked.evidence)).toEqual([]);
    },
  );
});

function withDatabase(change: (url: URL) => void): (environment: SecretsEnvironment) => Settings {
  return ({ settings }) => {
    const url = new URL(settings["DATABASE_URL"] ?? "");
    change(url);
    return { DATABASE_URL: url.href };
  };
}

function keyOf({ settings }: SecretsEnvironment): string {
  return settings["SUPABASE_SERVICE_ROLE_KEY"] ?? "";
}
