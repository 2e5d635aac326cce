import { expect, it } from "vitest";

import type { MessageAssets, PhotoAsset } from "../../../dist/media/asset.js";
import type { Capsule, CapsuleContent, Message } from "../../../dist/capsule/content.js";
import { fingerprintOf } from "../../../dist/film/fingerprint.js";
import type { FilmSettings } from "../../../dist/film/model/film-settings.js";
import { classic, night } from "../../../dist/film/model/theme.js";
import { plainSettings } from "../../plain-settings.js";

const capsule: Capsule = {
  id: "c",
  status: "closed",
  honoree: "Margaret Hollis",
  bornOn: null,
  diedOn: null,
  theme: null,
};
const message: Message = {
  id: "m",
  contributorName: "Daniel",
  submittedAt: "2026-05-01T10:00:00.000000Z",
  text: "The lake.",
  imageReference: "media/lake.jpg",
  audioReference: null,
  videoReference: null,
  transcript: null,
};
const other: Message = { ...message, id: "n", text: "The house." };
const photo: PhotoAsset = {
  kind: "photo",
  path: "/films/film-1/a",
  width: 400,
  height: 300,
  focus: { x: 0.5, y: 0.5 },
  sha256: "a",
};
const media: MessageAssets = { photo, voice: null, clip: null, problems: [] };

interface Change {
  readonly settings?: Partial<FilmSettings>;
  readonly capsule?: Partial<Capsule>;
  readonly message?: Partial<Message>;
  readonly photo?: Partial<PhotoAsset>;
  readonly media?: Partial<MessageAssets>;
  readonly messages?: CapsuleContent["messages"];
}

function fingerprint(change: Change = {}): string {
  const messages = change.messages ?? [{ ...message, ...change.message }, other];
  const assets = new Map([["m", { ...media, photo: { ...photo, ...change.photo }, ...change.media }]]);
  const content = { capsule: { ...capsule, ...change.capsule }, messages };
  return fingerprintOf(content, assets, { ...plainSettings, ...change.settings });
}

it.each<[string, Change]>([
  ["the size", { settings: { width: 1080, height: 1920 } }],
  ["the frame rate", { settings: { fps: 25 } }],
  ["the quality", { settings: { quality: "archive" } }],
  ["the theme", { settings: { theme: night } }],
  ["one colour of the theme", { settings: { theme: { ...classic, fill: { ...classic.fill, share: 0.5 } } } }],
  ["how large it may be", { settings: { maxBytes: 50_000_000 } }],
  ["the music", { settings: { music: "b" } }],
  ["the recogniser", { settings: { recogniser: { modelSha256: "b", language: "en" } } }],
  ["the captions' language", { settings: { captionLanguage: "eng" } }],
  ["who it is for", { capsule: { honoree: "Ana" } }],
  ["the dates", { capsule: { diedOn: "2026-01-01" } }],
  ["a name", { message: { contributorName: "Priya" } }],
  ["words", { message: { text: "The lake!" } }],
  ["a transcript", { message: { transcript: "The lake, she said." } }],
  ["the bytes of a photo", { photo: { sha256: "b" } }],
  ["a photo that is gone", { media: { photo: null } }],
  ["a second photo", { media: { others: [{ ...photo, sha256: "c" }] } }],
  [
    "what a missing file is",
    {
      media: {
        problems: [
          { messageId: "m", field: "content_image_url", code: "media-damaged", reason: "", kind: "video" },
        ],
      },
    },
  ],
  [
    "why a file is missing",
    {
      media: {
        problems: [{ messageId: "m", field: "content_audio_url", code: "media-not-found", reason: "gone" }],
      },
    },
  ],
  ["the order of the messages", { messages: [other, message] }],
  ["a message more", { messages: [message, other, { ...other, id: "o" }] }],
])("changes the fingerprint for %s", (_what, change) => {
  expect(fingerprint(change)).not.toBe(fingerprint());
});

it.each<[string, Change]>([
  ["where the media lie", { photo: { path: "/films/film-2/a" } }],
  ["what the media are called", { message: { imageReference: "media/other.jpg" } }],
  ["times that keep the order", { message: { submittedAt: "2026-05-01T09:00:00.000000Z" } }],
  ["the capsule's status", { capsule: { status: "completed" } }],
  ["strictness, which refuses a film or makes the same", { settings: { strict: true } }],
  ["a name that only stands in for the row's", { settings: { honoree: "Somebody" } }],
])("keeps the fingerprint for %s", (_what, change) => {
  expect(fingerprint(change)).toBe(fingerprint());
});

it("includes the fallback name where the row has none", () => {
  const nobody = { honoree: null };
  expect(fingerprint({ capsule: nobody, settings: { honoree: "Ana" } })).not.toBe(
    fingerprint({ capsule: nobody }),
  );
});
