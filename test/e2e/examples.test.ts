import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { keepsake, lastJson } from "./keepsake.js";
import { probeFilm } from "./probe-film.js";
import { useFolder } from "../use-folder.js";

const example = fileURLToPath(new URL("../../examples/capsule.json", import.meta.url));
const folder = useFolder();

test("the example capsule becomes a film of its two messages", async () => {
  const out = path.join(folder, "film.mp4");
  const ran = await keepsake(["render", example, "--out", out, "--json"], {
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_WORK_FOLDER: path.join(folder, "work"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
  });
  expect(ran).toMatchObject({ exitCode: 0 });
  expect(lastJson(ran)).toMatchObject({
    warnings: [],
    scenes: [
      { messageId: null, kind: "opening" },
      { messageId: "8d1b6c1e-0c52-4d0b-8f61-5a2e9b7c4f10", kind: "words" },
      { messageId: "c4a7e93f-6b0d-4e18-a2b5-90d37f1e6c52", kind: "words" },
      { messageId: null, kind: "closing" },
      { messageId: null, kind: "closing" },
    ],
  });
  const film = await probeFilm(out);
  expect(film.video).toMatchObject({ width: 640, height: 360 });
  expect(film.title).toContain("Henrik Aalto");
  expect(await readdir(path.join(folder, "work"))).toEqual([]);
});
