import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { openProgressView } from "../../../../dist/commands/format/progress-view.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
afterEach(() => vi.useRealTimers());

function screenOf(isTTY: boolean, columns = 120) {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { screen: { isTTY, write, columns } as Parameters<typeof openProgressView>[0], written };
}

describe("openProgressView, where there is no terminal", () => {
  it("prints the progress of the stage at intervals, and its end", () => {
    const { screen, written } = screenOf(false);
    using view = openProgressView(screen, 30);
    for (let second = 0; second < 70; second += 1) {
      view.show("film.mp4", { stage: "painting", done: second * 10, total: 1000, unit: "frames" });
      vi.advanceTimersByTime(1000);
    }
    view.show("film.mp4", { stage: "painting", done: 1000, total: 1000, unit: "frames" });
    expect(written).toEqual([
      "film.mp4  painting     29 %  290 of 1000 frames, about 75 s left\n".replace("75 s", "1 min"),
      "film.mp4  painting     59 %  590 of 1000 frames, about 45 s left\n",
      "film.mp4  painting    1000 of 1000 frames\n",
    ]);
  });

  it("prints the bytes of one large file, and the percentage of running work", () => {
    const { screen, written } = screenOf(false);
    using view = openProgressView(screen, 30);
    const fetching = { stage: "fetching", done: 0, total: 1, unit: "files" } as const;
    view.show("film.mp4", { ...fetching, share: 0.25, bytes: { done: 2 ** 28, total: 2 ** 30 } });
    vi.advanceTimersByTime(30_000);
    view.show("film.mp4", { stage: "preparing", done: 0, total: 1, unit: "files", share: 0.5 });
    view.show("film.mp4", { ...fetching, done: 1 });
    vi.advanceTimersByTime(30_000);
    expect(written).toEqual([
      "film.mp4  fetching     25 %  256.0 of 1024.0 MiB\n",
      "film.mp4  fetching    1 of 1 files\n",
      "film.mp4  preparing    50 %  0 of 1 files\n",
    ]);
  });

  it("keeps printing lines while nothing advances", () => {
    const { screen, written } = screenOf(false);
    using view = openProgressView(screen, 30);
    view.show("film.mp4", { stage: "mixing", done: 0, total: 1, unit: "files" });
    vi.advanceTimersByTime(90_000);
    expect(written).toEqual(Array(3).fill("film.mp4  mixing        0 %  0 of 1 files\n"));
  });
});

it("shows bytes in a terminal while one file is fetched", () => {
  const { screen, written } = screenOf(true);
  using view = openProgressView(screen);
  vi.advanceTimersByTime(200);
  const bytes = { done: 700 * 2 ** 20, total: 1400 * 2 ** 20 };
  view.show("film.mp4", { stage: "fetching", done: 0, total: 1, unit: "files", share: 0.5, bytes });
  expect(written.join("")).toContain("████████████············  700.0 of 1400.0 MiB");
});

it.each([80, 40, 120])("shows a film in one line of a terminal of %d columns", (columns) => {
  const { screen, written } = screenOf(true, columns);
  using view = openProgressView(screen);
  for (let second = 0; second < 60; second += 1) {
    const painting = { stage: "inspecting", done: second * 100, total: 12_345, unit: "frames" } as const;
    view.show("c6ee6df1-034c-470c-bd01-e71b1e6fde1f", painting);
    vi.advanceTimersByTime(1000);
  }
  // A line as wide as the terminal would put the cursor on the next one.
  const widths = written.map((text) => text.replace("\r\u001B[K", "").length);
  expect(Math.max(...widths)).toBeLessThan(columns);
  expect(written.at(-1)).toContain(columns === 120 ? "c6ee6df1-034c-470c-bd01-e71b1e6fde1f" : "c6ee6df1-03…");
  expect(written.at(-1)).toContain(columns === 40 ? "inspecting" : "5900 of 12345 frames, about 1 min left");
});
