import { watch } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { once } from "node:events";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { keepsake, startKeepsake } from "./keepsake.js";

let folder = "";
let settings: Record<string, string> = {};
const inFolder = (name: string): string => path.join(folder, name);
const entriesFolder = (): string => inFolder("work/cache/entries");
/** Returns the time of the last use, by name. */
async function readEntries(): Promise<ReadonlyMap<string, number>> {
  const names = await readdir(entriesFolder());
  const used = names.map(async (name) => (await stat(path.join(entriesFolder(), name))).mtimeMs);
  return new Map((await Promise.all(used)).map((time, index) => [names[index] ?? "", time]));
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-again-"));
  settings = {
    KEEPSAKE_WORK_FOLDER: inFolder("work"),
    // Not a multiple of 128 pixels wide: x264 needs a setting to make the same bytes twice there.
    KEEPSAKE_SIZE: "360x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_CORES: "1",
  };
  await writeFile(inFolder("capsule.json"), JSON.stringify(capsuleOf(messageCount)));
});
afterEach(() => rm(folder, { recursive: true }));

/** Words alone: each message is a scene and a segment. */
const messageCount = 12;
function capsuleOf(count: number): unknown {
  const messages = Array.from({ length: count }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    capsule_id: "00000000-0000-4000-8000-999999999999",
    contributor_name: "Ana Müller",
    submitted_at: `2026-01-01T00:00:${String(index).padStart(2, "0")}Z`,
    content_text: `The ${index + 1}th thing I remember of her.`,
    content_image_url: null,
    content_audio_url: null,
    content_video_url: null,
  }));
  return {
    capsule: { id: "00000000-0000-4000-8000-999999999999", title: "Margarethe", status: "closed" },
    messages,
  };
}

const render = (out: string, change: Record<string, string> = {}) =>
  keepsake(["render", inFolder("capsule.json"), "--out", inFolder(out)], { ...settings, ...change });

describe("a film that was begun before", () => {
  test("continues a film whose worker was killed at nine tenths", async () => {
    const all = await render("whole.mp4", { KEEPSAKE_CACHE_FOLDER: inFolder("other-cache") });
    expect(all.exitCode, all.stderr).toBe(0);
    const segmentCount = (await readdir(inFolder("other-cache/entries"))).length;
    expect(segmentCount).toBeGreaterThan(messageCount);

    await mkdir(entriesFolder(), { recursive: true });
    const worker = startKeepsake(
      ["render", inFolder("capsule.json"), "--out", inFolder("film.mp4")],
      settings,
    );
    await listEntries(Math.floor(segmentCount * 0.9));
    worker.kill("SIGKILL");
    await once(worker, "close");
    const before = await readEntries();
    expect(before.size).toBeGreaterThanOrEqual(Math.floor(segmentCount * 0.9));
    expect(before.size).toBeLessThan(segmentCount);

    const again = await render("film.mp4");
    expect(again.exitCode, again.stderr).toBe(0);
    const after = await readEntries();
    // Made now: those that were not there, but for the pace of the machine, which needs more painting to be measured.
    // Taken: all others, each used once more.
    const made = [...after.keys()].filter((name) => !before.has(name));
    expect(made).toHaveLength(segmentCount - before.size - 1);
    for (const [name, usedAt] of before) expect(after.get(name), name).toBeGreaterThan(usedAt);
    const [whole, resumed] = await Promise.all(
      ["whole.mp4", "film.mp4"].map((name) => readFile(inFolder(name))),
    );
    expect(resumed?.equals(whole ?? Buffer.of())).toBe(true);
  });

  test("makes one film in two workers at once without harm to either", async () => {
    const films = await Promise.all(["one.mp4", "two.mp4"].map((out) => render(out)));
    for (const { exitCode, stderr } of films) {
      expect(exitCode, stderr).toBe(0);
      expect(stderr).not.toContain("cache");
    }
    const [one, two] = await Promise.all(["one.mp4", "two.mp4"].map((name) => readFile(inFolder(name))));
    expect(one?.equals(two ?? Buffer.of())).toBe(true);
    const before = await readEntries();
    const third = await render("three.mp4");
    expect(third.exitCode, third.stderr).toBe(0);
    expect([...(await readEntries()).keys()].toSorted()).toEqual([...before.keys()].toSorted());
    expect((await readFile(inFolder("three.mp4"))).equals(one ?? Buffer.of())).toBe(true);
  });

  test("makes only the segments that show a new message, and the sound", async () => {
    expect((await render("film.mp4")).exitCode).toBe(0);
    const before = await readEntries();
    const grown = capsuleOf(messageCount) as { messages: { id: string; content_text: string }[] };
    const [first] = grown.messages;
    const added = { ...first, id: "00000000-0000-4000-8000-555555555555", content_text: "One thing more." };
    const messages = grown.messages.toSpliced(6, 0, added);
    // In film order, so that the times do not move the new one elsewhere.
    const timed = messages.map((message, index) => ({
      ...message,
      submitted_at: `2026-01-01T00:00:${String(index).padStart(2, "0")}Z`,
    }));
    await writeFile(inFolder("capsule.json"), JSON.stringify({ ...grown, messages: timed }));
    expect((await render("grown.mp4")).exitCode).toBe(0);
    const after = await readEntries();
    // The new message changes its own segment, the one before, which dissolves into it, and the sound. It adds no new name.
    expect([...after.keys()].filter((name) => !before.has(name))).toHaveLength(3);

    // Kept segments beside new ones are the same film as new ones alone.
    const fresh = await render("fresh.mp4", { KEEPSAKE_CACHE_FOLDER: inFolder("other-cache") });
    expect(fresh.exitCode, fresh.stderr).toBe(0);
    const [mixed, made] = await Promise.all(
      ["grown.mp4", "fresh.mp4"].map((name) => readFile(inFolder(name))),
    );
    expect(mixed?.equals(made ?? Buffer.of())).toBe(true);
  });
});

/** Resolves when so many entries are there. */
async function listEntries(count: number): Promise<void> {
  const { promise, resolve } = withResolvers();
  const check = async (): Promise<void> => {
    const names = await readdir(entriesFolder());
    if (names.length >= count) resolve();
  };
  const watcher = watch(entriesFolder(), () => void check());
  await promise;
  watcher.close();
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
