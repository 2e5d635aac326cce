import path from "node:path";

import { describe, expect, it } from "vitest";

import { readConfig } from "../../../dist/settings/config.js";
import { requireDatabaseUrl, requireStorage } from "../../../dist/settings/require-setting.js";
import { secretSettings, settingTable } from "../../../dist/settings/setting-table.js";
import { labelsByLanguage } from "../../../dist/film/model/labels.js";
import { classic, night } from "../../../dist/film/model/theme.js";

const secret = "sb_secret_0123456789abcdef";

describe("readConfig", () => {
  it("has defaults for all settings but the places of the database and of the storage", () => {
    const config = readConfig({});
    expect(config.database).toBeNull();
    expect(config.storage).toBeNull();
    expect(config.film).toEqual({
      width: 1920,
      height: 1080,
      fps: 30,
      quality: "standard",
      theme: classic,
      maxBytes: null,
      honoree: null,
      captionLanguage: "und",
      maxSeconds: 10_800,
      strict: false,
    });
    expect(config.themes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["classic", "light", "night"]),
    );
    expect(config.worker).toMatchObject({ slots: 1, leaseSeconds: 120, heartbeatSeconds: 20 });
  });

  it("reads the given values", () => {
    const config = readConfig({
      DATABASE_URL: "postgresql://u:p@localhost:5432/postgres",
      SUPABASE_URL: "https://abc.supabase.co/",
      SUPABASE_SERVICE_ROLE_KEY: secret,
      KEEPSAKE_SIZE: "640x360",
      KEEPSAKE_FPS: "25",
      KEEPSAKE_STRICT: "true",
      KEEPSAKE_MEDIA_HOSTS: "cdn.example.org, Images.Example.com,",
    });
    expect(config.storage).toEqual({
      kind: "supabase",
      projectUrl: "https://abc.supabase.co",
      serviceKey: secret,
      bucket: "videos",
      projectHosts: [],
      uploadsFolder: path.join(config.workFolder, "uploads"),
    });
    expect(config.film).toMatchObject({ width: 640, height: 360, fps: 25, strict: true });
    expect(config.media.hosts).toEqual(["cdn.example.org", "images.example.com"]);
  });

  it("takes music from a file, makes it, or has none", () => {
    expect(readConfig({ KEEPSAKE_MUSIC: "none" }).music).toBeNull();
    expect(readConfig({ KEEPSAKE_MUSIC: "ambient" }).music).toBe("ambient");
    expect(readConfig({ KEEPSAKE_MUSIC: "./ambient" }).music).toBe(path.resolve("ambient"));
  });

  it("takes a theme by its name or from a file, with labels in the film's language", () => {
    const config = readConfig({ KEEPSAKE_THEME: "night", KEEPSAKE_LANGUAGE: "nl" });
    expect(config.film.theme).toEqual({ ...night, labels: labelsByLanguage.nl });
    const own = readConfig({ KEEPSAKE_THEME: "examples/theme.json" });
    expect(own.themes).toContain(own.film.theme);
    expect(own.film.theme.name).toBe("garden");
  });

  const bad: [string, Record<string, string>, string][] = [
    ["a database that is not PostgreSQL", { DATABASE_URL: "mysql://x/y" }, "DATABASE_URL"],
    [
      "a project URL without a scheme",
      { SUPABASE_URL: "abc.supabase.co", SUPABASE_SERVICE_ROLE_KEY: secret },
      "SUPABASE_URL",
    ],
    ["a key without its URL", { SUPABASE_SERVICE_ROLE_KEY: secret }, "SUPABASE_URL"],
    ["a URL without its key", { SUPABASE_URL: "https://abc.supabase.co" }, "SUPABASE_SERVICE_ROLE_KEY"],
    ["a frame rate that does not divide the samples", { KEEPSAKE_FPS: "29" }, "KEEPSAKE_FPS"],
    ["an unknown quality", { KEEPSAKE_QUALITY: "best" }, "KEEPSAKE_QUALITY"],
    ["a theme that is not there", { KEEPSAKE_THEME: "neon" }, "KEEPSAKE_THEME"],
    ["a theme that every object has", { KEEPSAKE_THEME: "constructor" }, "KEEPSAKE_THEME"],
    ["a theme file that is not there", { KEEPSAKE_THEME: "none.json" }, "KEEPSAKE_THEME"],
    ["a language without labels", { KEEPSAKE_LANGUAGE: "xx" }, "KEEPSAKE_LANGUAGE"],
    ["no slots", { KEEPSAKE_SLOTS: "0" }, "KEEPSAKE_SLOTS"],
    ["a heartbeat as long as the lease", { KEEPSAKE_HEARTBEAT_SECONDS: "120" }, "KEEPSAKE_HEARTBEAT_SECONDS"],
  ];
  it.each(bad)("rejects %s and names the setting", (_what, environment, name) => {
    expect(() => readConfig(environment)).toThrow(
      expect.objectContaining({ fault: "setup", message: expect.stringContaining(name) as string }),
    );
  });

  it.each([
    ["KEEPSAKE_QUALITY", "KEEPSAKE_QUALITY must be one of draft, standard, archive."],
    ["KEEPSAKE_LOG", "KEEPSAKE_LOG must be one of debug, info, warn, error, silent."],
    ["KEEPSAKE_FPS", "KEEPSAKE_FPS must be 25, 30 or 60. Frames per second."],
    [
      "KEEPSAKE_LANGUAGE",
      /^KEEPSAKE_LANGUAGE must be one of en, [a-z, ]+\. Language of the few words that the film itself shows\.$/,
    ],
    [
      "KEEPSAKE_SIZE",
      /^KEEPSAKE_SIZE must be one of [\dx, ]+\. Width and height of the film; each shape has its own layout\.$/,
    ],
    ["DATABASE_URL", /the Data API is used \(connection or Data API: docs\/database\.md\)\.$/],
    ["KEEPSAKE_MAX_FILM_HOURS", /before its film is made \(docs\/limits\.md\)\.$/],
  ])("explains %s without Markdown, and repeats no list", (env, expected) => {
    const message = messageOf(() => readConfig({ [env]: "99" }));
    if (typeof expected === "string") expect(message).toBe(expected);
    else expect(message).toMatch(expected);
  });

  it("shows no link of Markdown in any message", () => {
    const all = Object.fromEntries(Object.values(settingTable).map(({ env }) => [env, "\u0000 ? *"]));
    const message = messageOf(() => readConfig(all));
    expect(message.split("\n").length).toBeGreaterThan(20);
    expect(message).not.toMatch(/\]\(/);
  });

  it("names the option by which a setting was given", () => {
    const message = messageOf(() => readConfig({ KEEPSAKE_FPS: "24" }, { KEEPSAKE_FPS: "--fps" }));
    expect(message).toBe("--fps must be 25, 30 or 60. Frames per second.");
  });

  it("reports all wrong settings at once, each with the accepted values", () => {
    const message = messageOf(() =>
      readConfig({
        DATABASE_URL: "mysql://x/y",
        KEEPSAKE_QUALITY: "best",
        KEEPSAKE_SLOTS: "0",
        KEEPSAKE_CACHE_BYTES: "much",
        KEEPSAKE_STRICT: "perhaps",
        KEEPSAKE_SWEEP_SECONDS: "3",
        KEEPSAKE_KEEP_DAYS: "1",
        SUPABASE_SERVICE_ROLE_KEY: "short",
      }),
    );
    expect(message.split("\n").map((line) => line.replace(/\.( .*)?$/, ""))).toEqual([
      "DATABASE_URL must be a URL that begins with postgresql://, with each of : / ? # [ ] @ % in the password percent-encoded",
      "SUPABASE_SERVICE_ROLE_KEY must be a text of at least 20 characters",
      "KEEPSAKE_QUALITY must be one of draft, standard, archive",
      "KEEPSAKE_STRICT must be true or false",
      "KEEPSAKE_SLOTS must be a whole number from 1 to 32",
      "KEEPSAKE_CACHE_BYTES must be a whole number of at least 0",
      "KEEPSAKE_SWEEP_SECONDS must be a number of seconds from 10 to 86400, or 0",
      "KEEPSAKE_KEEP_DAYS must be a number of days from 7 to 3650, or 0",
    ]);
    const unfit = messageOf(() =>
      readConfig({
        KEEPSAKE_THEME: "neon",
        SUPABASE_URL: "https://abc.supabase.co",
        KEEPSAKE_HEARTBEAT_SECONDS: "120",
      }),
    );
    expect(unfit.split("\n")).toEqual([
      expect.stringContaining("KEEPSAKE_THEME") as string,
      expect.stringContaining("SUPABASE_SERVICE_ROLE_KEY") as string,
      expect.stringContaining("KEEPSAKE_HEARTBEAT_SECONDS") as string,
    ]);
  });

  it.each(Object.values(settingTable).map(({ env }) => [env]))(
    "has no raw words of the validator for %s",
    (env) => {
      for (const wrong of ["\u0001!", "-1", "x".repeat(5000)]) {
        let message = "";
        try {
          readConfig({ [env]: wrong });
        } catch (error) {
          message = (error as Error).message;
        }
        expect(message).not.toMatch(/Invalid|expected|received|>=|\/\^/);
      }
    },
  );

  const misplaced = [
    ["a secret key", secret],
    ["an older key", `eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl`],
    ["a connection string", "postgres://postgres:s3cretpassword@db.example.org/postgres"],
    ["a key of no known look", "0123456789-of-no-known-look"],
  ] as const;
  it.each(misplaced)("rejects %s in any setting but its own, and does not repeat it", (_what, key) => {
    for (const { env } of Object.values(settingTable)) {
      if (secretSettings.has(env)) continue;
      const environment = { SUPABASE_SERVICE_ROLE_KEY: "0123456789-of-no-known-look", [env]: `x${key}` };
      const refuse = expect(() => readConfig(environment), env);
      refuse.toThrow(new RegExp(`${env} contains what looks like a key`));
      expect(() => readConfig(environment)).not.toThrow(key);
    }
  });

  it("blames a key that is too short, and no setting that contains its letters", () => {
    const environment = { SUPABASE_SERVICE_ROLE_KEY: "film", KEEPSAKE_WORK_FOLDER: "/var/films" };
    expect(() => readConfig(environment)).toThrow(/^SUPABASE_SERVICE_ROLE_KEY must be.*$/);
  });

  it.each([
    "https://service:key@abc.supabase.co",
    "https://abc.supabase.co/?apikey=x",
    "https://abc.supabase.co/#x",
  ])("rejects %s, which contains more than an address", (url) => {
    expect(() => readConfig({ SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: secret })).toThrow(
      /SUPABASE_URL/,
    );
  });

  it.each(["sb_secret_0123456789\n0123456789", "postgres://postgres:secret@host/postgres"])(
    "rejects a service key like %j",
    (wrong) => {
      expect(() => readConfig({ SUPABASE_URL: "https://a.co", SUPABASE_SERVICE_ROLE_KEY: wrong })).toThrow(
        /SUPABASE_SERVICE_ROLE_KEY must be one word/,
      );
    },
  );

  it("never repeats a wrong value, which may be a key", () => {
    const environment = {
      SUPABASE_URL: "https://abc.supabase.co",
      SUPABASE_SERVICE_ROLE_KEY: "short-secret",
    };
    const message = messageOf(() => readConfig(environment));
    expect(message).toContain("SUPABASE_SERVICE_ROLE_KEY");
    expect(message).not.toContain("short-secret");
  });
});

it("explains how to set the settings that a command needs", () => {
  const config = readConfig({});
  expect(() => requireDatabaseUrl(config)).toThrow(/DATABASE_URL is not set.*Dashboard/);
  expect(() => requireStorage(config)).toThrow(
    /SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY.*KEEPSAKE_STORAGE_FOLDER/,
  );
});

it("the setting table has one row for each setting", () => {
  const names = Object.values(settingTable).map((setting) => setting.env);
  expect(new Set(names).size).toBe(names.length);
});

function messageOf(fails: () => unknown): string {
  try {
    fails();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("It did not fail.");
}

describe("the places of media", () => {
  it("are undecided for the project and exclude other hosts by default", () => {
    expect(readConfig({}).media).toEqual({
      hosts: [],
      places: null,
      maxFileBytes: 2_000_000_000,
      maxBytes: 20_000_000_000,
      // Three hours of sound, 384,000 bytes a second, and 2 GB.
      maxPreparedBytes: 6_147_200_000,
    });
    const { media, storage } = readConfig({
      SUPABASE_URL: "http://kong:8000",
      SUPABASE_SERVICE_ROLE_KEY: secret,
      KEEPSAKE_PROJECT_HOSTS: "API.Example.org, supabase.example.org:8443",
      KEEPSAKE_MEDIA_BUCKETS: "media/{capsule_id}, voices ,",
      KEEPSAKE_MEDIA_HOSTS: "*.Bücher.example, 203.0.113.9:8080,[2606:4700::1]",
      KEEPSAKE_MAX_FILE_BYTES: "5000000",
      KEEPSAKE_MAX_PREPARED_BYTES: "7000000000",
    });
    expect(media).toEqual({
      hosts: ["*.xn--bcher-kva.example", "203.0.113.9:8080", "[2606:4700::1]"],
      places: ["media/{capsule_id}", "voices"],
      maxFileBytes: 5_000_000,
      maxBytes: 20_000_000_000,
      maxPreparedBytes: 7_000_000_000,
    });
    expect(storage).toMatchObject({ projectHosts: ["api.example.org", "supabase.example.org:8443"] });
  });

  it.each([
    ["KEEPSAKE_MEDIA_HOSTS", "https://media.example.org"],
    ["KEEPSAKE_MEDIA_HOSTS", "media.example.org/folder"],
    ["KEEPSAKE_MEDIA_HOSTS", "*"],
    ["KEEPSAKE_MEDIA_HOSTS", "*.*.example.org"],
    ["KEEPSAKE_MEDIA_HOSTS", "media.*.org"],
    ["KEEPSAKE_MEDIA_HOSTS", "user@media.example.org"],
    ["KEEPSAKE_MEDIA_HOSTS", "a b"],
    ["KEEPSAKE_PROJECT_HOSTS", "*.example.org"],
    ["KEEPSAKE_PROJECT_HOSTS", "https://api.example.org"],
    ["KEEPSAKE_MEDIA_BUCKETS", ","],
    ["KEEPSAKE_MEDIA_BUCKETS", "media/../videos"],
    ["KEEPSAKE_MEDIA_BUCKETS", "media/*"],
    ["KEEPSAKE_MEDIA_BUCKETS", "/media"],
    ["KEEPSAKE_MEDIA_BUCKETS", "media/"],
    ["KEEPSAKE_MAX_FILE_BYTES", "lots"],
  ])("are not set by %s=%s", (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      expect.objectContaining({
        code: "setting-invalid",
        message: expect.stringContaining(`${name} must be`) as string,
      }),
    );
  });
});
