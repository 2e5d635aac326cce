import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { maxMessages, maxTextCharacters, parseRows } from "../../../dist/capsule/parse-rows.js";

const capsule = { id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10", status: "closed" };
const message = { id: "a", content_text: "The lake.", submitted_at: "2026-05-01T10:00:00" };

describe("a capsule", () => {
  it.each([
    [{}, { honoree: null, bornOn: null, diedOn: null, theme: null }],
    [{ title: "Margaret" }, { honoree: "Margaret" }],
    [{ title: " ", name: "Margaret" }, { honoree: "Margaret" }],
    [{ title: null, name: "", honoree_name: "Margaret" }, { honoree: "Margaret" }],
    [{ title: "A", name: "B", honoree_name: "C" }, { honoree: "A" }],
    [
      { birth_date: "1941-03-09", death_date: "2026-01-31" },
      { bornOn: "1941-03-09", diedOn: "2026-01-31" },
    ],
    [
      { date_of_birth: "1941-03-09T00:00:00+00:00", date_of_death: "2026-01-31 00:00:00" },
      { bornOn: "1941-03-09", diedOn: "2026-01-31" },
    ],
    [
      { born_on: "2026-02-30", died_on: "long ago" },
      { bornOn: null, diedOn: null },
    ],
    [{ theme: "classic", unknown_column: [1, 2] }, { theme: "classic" }],
  ])("%j", (columns, expected) => {
    expect(parseRows({ ...capsule, ...columns }, [message]).capsule).toMatchObject(expected);
  });

  it.each([null, "capsule", {}, { id: "x" }, { ...capsule, title: 7 }])("%j is refused", (row) => {
    expect(() => parseRows(row, [message])).toThrow(expect.objectContaining({ code: "capsule-invalid" }));
  });
});

describe("messages", () => {
  it("may have a transcript of an hour, as text or as JSON", () => {
    const segments = [{ start: 0, end: 1.5, text: "Hello." }];
    const said = "She never slept badly. ".repeat(4000);
    const transcripts = [segments, { segments }, said].map(
      (transcript) => parseRows(capsule, [{ ...message, transcript }]).messages[0]?.transcript,
    );
    expect(transcripts).toEqual([JSON.stringify(segments), JSON.stringify({ segments }), said.trim()]);
    const more = { ...message, transcript: "x".repeat(200_001) };
    expect(() => parseRows(capsule, [more])).toThrow(expect.objectContaining({ code: "capsule-too-large" }));
  });

  it("become what the film needs, blank columns being nothing", () => {
    const row = {
      ...message,
      contributor_name: "  Daniel\u0000 ",
      content_text: "One\r\nTwo\u0007\u202b שלום",
      content_image_url: "",
      content_audio_url: null,
      content_video_url: "videos/clip.mp4",
      transcript: "\t",
      capsule_id: capsule.id,
    };
    expect(parseRows(capsule, [row]).messages).toEqual([
      {
        id: "a",
        contributorName: "Daniel",
        submittedAt: "2026-05-01T10:00:00.000000Z",
        text: "One\nTwo\u202b שלום",
        imageReference: null,
        audioReference: null,
        videoReference: "videos/clip.mp4",
        transcript: null,
      },
    ]);
  });

  it("are ordered by time, then id, those without a time last, wherever their zones are", () => {
    const rows = [
      { ...message, id: "none", submitted_at: null },
      { ...message, id: "c", submitted_at: "2026-05-01T12:00:00+02:00" },
      { ...message, id: "b", submitted_at: "2026-05-01 10:00:00.000001" },
      { ...message, id: "a", submitted_at: "2026-05-01T10:00:00.000001Z" },
      { ...message, id: "first", submitted_at: "2026-05-01T09:59:59.999999-00" },
    ];
    expect(parseRows(capsule, rows).messages.map(({ id }) => id)).toEqual(["first", "c", "a", "b", "none"]);
  });

  it("come out in the same order whatever order they come in", () => {
    const rowsOf = fc.uniqueArray(
      fc.record({
        id: fc.uuid(),
        content_text: fc.constant("x"),
        submitted_at: fc.option(
          fc
            .date({ min: new Date("2020-01-01"), max: new Date("2020-01-02"), noInvalidDate: true })
            .map((date) => date.toISOString()),
        ),
      }),
      { selector: ({ id }) => id, minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(rowsOf, fc.infiniteStream(fc.nat()), (rows, keys) => {
        const shuffled = rows
          .map((row) => ({ row, key: keys.next().value as number }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ row }) => row);
        expect(parseRows(capsule, shuffled).messages).toEqual(parseRows(capsule, rows).messages);
      }),
    );
  });

  it.each([
    ["no message", []],
    ["messages of names alone", [{ ...message, content_text: " \n", contributor_name: "Daniel" }]],
  ])("%s: nothing to film", (_what, rows) => {
    expect(() => parseRows(capsule, rows)).toThrow(
      expect.objectContaining({ code: "nothing-to-film", fault: "job" }),
    );
  });

  it("are held at their bounds and refused beyond, nothing being cut", () => {
    const long = { ...message, content_text: "x".repeat(maxTextCharacters) };
    expect(parseRows(capsule, [long]).messages[0]?.text).toHaveLength(maxTextCharacters);
    const many = Array.from({ length: maxMessages }, (_, index) => ({ ...message, id: String(index) }));
    expect(parseRows(capsule, many).messages).toHaveLength(maxMessages);
    const tooLong = [{ ...long, content_text: `${long.content_text}x` }];
    const tooMany = [...many, message];
    for (const rows of [tooLong, tooMany]) {
      expect(() => parseRows(capsule, rows)).toThrow(
        expect.objectContaining({ code: "capsule-too-large", message: expect.not.stringContaining("xxx") }),
      );
    }
  });

  it.each([
    ["twins", [message, message]],
    ["no list", "messages"],
    ["words that are none", [{ ...message, content_text: 7 }]],
    ["no id", [{ ...message, id: undefined }]],
  ])("%s are refused", (_what, rows) => {
    expect(() => parseRows(capsule, rows)).toThrow(expect.objectContaining({ code: "capsule-invalid" }));
  });
});
