import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { keepsake, lastJson } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const inputs = fileURLToPath(new URL("../../../shared/faults/", import.meta.url));
const isThere = existsSync(path.join(inputs, "capsule_html_and_signs.json"));

const folder = useFolder();

interface Rendered {
  readonly scenes: readonly { readonly messageId: string | null; readonly kind: string }[];
  readonly warnings: readonly {
    readonly messageId: string | null;
    readonly field: string;
    readonly code: string;
  }[];
}

async function render(name: string) {
  const out = path.join(folder, `${name}.mp4`);
  const ran = await keepsake(
    ["render", path.join(inputs, `${name}.json`), "--out", out, "--size", "640x360", "--json"],
    { KEEPSAKE_QUALITY: "draft" },
  );
  expect(ran.exitCode, ran.stderr).toBe(0);
  const { scenes, warnings } = lastJson(ran) as Rendered;
  return {
    scenes: scenes.map(({ messageId, kind }) => (messageId === null ? kind : `${messageId}: ${kind}`)),
    warnings: warnings.map(({ messageId, field }) => `${messageId ?? "capsule"}: ${field}`),
    captions: await readFile(out.replace(/mp4$/, "vtt"), "utf8"),
  };
}

describe.skipIf(!isThere)("films of capsules that were reported (skipped where these are not there)", () => {
  it("leaves out a message with nothing in it", async () => {
    const { scenes, warnings } = await render("capsule_one_empty_message");
    expect(scenes).toEqual(["opening", "a: words", "closing", "closing"]);
    expect(warnings).toEqual(["b: content_text"]);
  });

  it("shows none of the placeholders that programs write for a missing value", async () => {
    const { scenes, warnings, captions } = await render("capsule_stringified_nothing");
    expect(scenes).toEqual(["opening", "m1: words", "m2: words", "m3: photo", "closing", "closing"]);
    expect(warnings).toEqual(["capsule: title", "m3: content_text", "m4: content_text", "m4: content_text"]);
    expect(captions).not.toMatch(/null|undefined|NaN|object/);
  });

  it("shows two readable files of one kind in one message, and no card", async () => {
    const { scenes, warnings } = await render("capsule_two_of_a_kind");
    expect(scenes).toEqual([
      "opening",
      "m1: words",
      "m1: clip",
      "m1: clip",
      "m2: photo",
      "m2: photo",
      "closing",
      "closing",
    ]);
    expect(warnings).toEqual([]);
  });

  it("shows the text of a rich-text editor without its markup, in the film and in the captions", async () => {
    const { scenes, warnings, captions } = await render("capsule_html_and_signs");
    expect(scenes).toEqual(["opening", "m1: words", "m2: words", "closing", "closing"]);
    expect(warnings).toEqual([]);
    expect(captions).toContain("Dear Oma,");
    // WebVTT writes an ampersand so.
    expect(captions).toContain("we miss you.\nEvery &amp; any day … it’s hard.");
    expect(captions).not.toMatch(/<p>|<br|nbsp|strong|\uFFFD/);
  });

  it("names a person once whose name is spelt in several ways, in a complete film", async () => {
    const { scenes } = await render("capsule_same_name_twice");
    expect(scenes.filter((scene) => scene.startsWith("m")).length).toBe(4);
  });
});
