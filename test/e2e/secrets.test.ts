import { randomUUID } from "node:crypto";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { dumpDatabase } from "./dump-database.js";
import { lastJson } from "./keepsake.js";
import { findMarks, readFolder, type Evidence } from "./marks.js";
import { addMedia, closeCapsule, referencesOf, storedBy } from "./secret-capsules.js";
import { openSecretsRoom, type SecretsRoom, type Trouble, type Way } from "./secrets-room.js";

const capsuleId = "5f0c7a52-5555-4a54-9d0b-6d1f3d4c9a10";
const crashId = "5f0c7a52-7777-4a54-9d0b-6d1f3d4c9a10";
const shownId = "5f0c7a52-8888-4a54-9d0b-6d1f3d4c9a10";
const toldId = "5f0c7a52-9999-4a54-9d0b-6d1f3d4c9a10";
const laterId = "5f0c7a52-6666-4a54-9d0b-6d1f3d4c9a10";

type Settings = Readonly<Record<string, string>>;
type Troubles = readonly (readonly [
  what: string,
  words: RegExp,
  settings: (room: SecretsRoom) => Settings,
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
    (room) => ({ KEEPSAKE_WORK_FOLDER: keyOf(room) }),
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
  let room: SecretsRoom;

  beforeAll(async () => {
    room = await openSecretsRoom(way, trouble);
    await addMedia(room);
  });
  afterAll(async () => {
    const left = readFolder(path.join(room.folder, "films")).map(({ where }) => where);
    expect(left.filter((where) => where.includes("/film-"))).toEqual([]);
    await room[Symbol.asyncDispose]();
  });

  const marksIn = (evidence: readonly Evidence[]): readonly string[] => findMarks(room.marks, evidence);

  it("the search finds a secret in a row and in other encodings", async () => {
    const [key, password, token] = room.marks.map(({ core }) => core);
    await room.sql`create schema leak`;
    await room.sql.unsafe(`create table leak.rows as select 'x${key}y' as column_of_text`);
    const rows = await dumpDatabase(room.sql);
    await room.sql`drop schema leak cascade`;
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
    await closeCapsule(room, capsuleId, referencesOf(room));
    await closeCapsule(room, laterId, [`${room.url}/functions/v1/later?token=${room.signed}`]);
    const missing = { capsule_id: randomUUID(), job_type: "generate_video", status: "pending", priority: 1 };
    await room.sql`select pgmq.send('video_jobs_queue'::text, ${room.sql.json(missing)}::jsonb)`;
    const evidence: Evidence[] = [];
    for (const args of [
      ["doctor"],
      ["doctor", "--json"],
      ["enqueue", capsuleId],
      ["enqueue", laterId],
      ["--help"],
    ]) {
      const ran = await room.run(args);
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
      // The whole film lies on the disk, and a note of where its upload was begun.
      if (request.method === "PATCH") beside = readFolder(room.folder);
      return false;
    };
    const worked = await room.run(["work", "--until-empty", "--json"]);
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
      const ran = await room.run(args);
      expect(ran.exitCode, ran.stdout + ran.stderr).toBe(0);
      evidence.push(...ran.evidence);
    }
    evidence.push(...(await dumpDatabase(room.sql)), ...readFolder(room.folder), ...storedBy(room));
    expect(marksIn(evidence)).toEqual([]);
    // Each message that could not be shown is there with its reason, or nothing was looked at above.
    const [attempt] = await room.sql<{ codes: string[] }[]>`
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
    await closeCapsule(room, crashId, referencesOf(room));
    await room.run(["enqueue", crashId]);
    let worker = 0;
    trouble.intercept = ({ url = "" }) => {
      if (url.includes("/object/authenticated/")) process.kill(worker, "SIGABRT");
      return false;
    };
    const crashed = await room.run(["work"], { onStart: (pid) => (worker = pid) });
    trouble.intercept = null;
    expect(crashed.exitCode).toBeNull();
    const left = readFolder(room.folder);
    expect(left.map(({ where }) => where).join("\n")).toContain(`films/film-${worker}-`);

    await closeCapsule(room, shownId, referencesOf(room));
    await room.run(["enqueue", shownId]);
    let decoders = 0;
    const next = await room.run(["work", "--until-empty"], {
      settings: { KEEPSAKE_CACHE_BYTES: "0" },
      onSeen: ({ pid, command }) => {
        if (!command.includes("prepare-child.js")) return;
        process.kill(pid, "SIGSEGV");
        decoders += 1;
      },
    });
    expect(next).toMatchObject({ exitCode: 0 });
    expect(decoders).toBeGreaterThan(0);
    const after = readFolder(room.folder);
    expect(after.map(({ where }) => where).join("\n")).not.toContain(`films/film-`);
    const files = [...left, ...after].filter(({ where }) => /\/core[^/]*$/.test(where));
    expect(files.map(({ where }) => where)).toEqual([]);
    expect(marksIn([...crashed.evidence, ...next.evidence, ...left, ...after])).toEqual([]);
  });

  it("the log for a terminal holds no secret", async () => {
    await closeCapsule(room, toldId, [
      `${room.url}/storage/v1/object/sign/media/gone.jpg?token=${room.signed}`,
    ]);
    await room.run(["enqueue", toldId]);
    const { stdout } = await room.run(["work", "--until-empty"], { terminal: true });
    expect(stdout).toContain("media-not-found");
    expect(marksIn([{ where: "the terminal", bytes: stdout }])).toEqual([]);
  });

  it.each(troublesOf[way])("the message about %s holds no secret", async (_what, words, settingsOf) => {
    const settings = settingsOf(room);
    const worked = await room.run(["work", "--until-empty"], { settings, stopAt: words });
    const doctor = await room.run(["doctor"], { settings });
    expect(worked.stderr).toMatch(words);
    expect(doctor.exitCode).not.toBe(0);
    expect(marksIn([...worked.evidence, ...doctor.evidence, ...readFolder(room.folder)])).toEqual([]);
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
      const worked = await room.run(["work", "--until-empty"], { stopAt: words });
      trouble.intercept = null;
      expect(worked.stderr).toMatch(words);
      expect(marksIn(worked.evidence)).toEqual([]);
    },
  );
});

function withDatabase(change: (url: URL) => void): (room: SecretsRoom) => Settings {
  return ({ settings }) => {
    const url = new URL(settings["DATABASE_URL"] ?? "");
    change(url);
    return { DATABASE_URL: url.href };
  };
}

function keyOf({ settings }: SecretsRoom): string {
  return settings["SUPABASE_SERVICE_ROLE_KEY"] ?? "";
}
