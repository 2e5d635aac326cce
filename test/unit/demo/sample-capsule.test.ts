import { describe, expect, test } from "vitest";

import { sampleCapsule } from "../../../dist/demo/sample-capsule.js";

const capsuleId = "5f0c7a52-8e0e-4a54-9d0b-6d1f3d4c9a10";
const { capsule, messages } = sampleCapsule({ capsuleId });

describe("the sample capsule", () => {
  test("is open, and is named by the id it was given", () => {
    expect(capsule).toMatchObject({ id: capsuleId, status: "active", final_video_url: null });
    expect(messages.every((message) => message.capsule_id === capsuleId)).toBe(true);
  });

  test("has messages in the order in which they were submitted", () => {
    const times = messages.map((message) => Date.parse(message.submitted_at));
    expect(times.every(Number.isFinite)).toBe(true);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("gives messages ids of their own, the same for the same capsule and others for another", () => {
    const ids = messages.map((message) => message.id);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
    for (const id of ids) expect(id).toMatch(uuid);
    const again = sampleCapsule({ capsuleId }).messages.map((message) => message.id);
    expect(again).toEqual(ids);
    const other = sampleCapsule({ capsuleId: "00000000-0000-4000-8000-000000000000" });
    const all = new Set([...ids, ...other.messages.map((message) => message.id)]);
    expect(all.size).toBe(2 * ids.length);
  });

  test("has three photographs, a voice, a clip, a long text and one that runs from right to left", () => {
    const count = (column: "content_image_url" | "content_audio_url" | "content_video_url"): number =>
      messages.filter((message) => message[column] !== null).length;
    expect(count("content_image_url")).toBe(3);
    expect(count("content_audio_url")).toBe(1);
    expect(count("content_video_url")).toBe(1);
    const onCards = messages.filter(
      (message) => message.content_text !== null && message.content_image_url === null,
    );
    expect(onCards.some((message) => (message.content_text ?? "").length > 250)).toBe(true);
    expect(onCards.some((message) => /^\p{Script=Arabic}/u.test(message.content_text ?? ""))).toBe(true);
  });

  test("refers to media as bucket and path", () => {
    const references = messages
      .flatMap((message) => [message.content_image_url, message.content_audio_url, message.content_video_url])
      .filter((reference) => reference !== null);
    for (const reference of references) expect(reference).toMatch(/^media\/[a-z-]+\.(?:jpg|ogg|mp4)$/);
  });
});
