import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cleanText } from "../../../dist/capsule/clean-value.js";
import {
  maxCapsuleTextCharacters,
  maxCapsuleTranscriptCharacters,
  maxMessages,
  maxTextCharacters,
} from "../../../dist/capsule/limits.js";
import { parseRows } from "../../../dist/capsule/parse-rows.js";
import { tidyText } from "../../../dist/film/typography/tidy-text.js";

const capsule = { id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10", status: "closed" };
const message = { id: "a", content_text: "The lake.", submitted_at: "2026-05-01T10:00:00" };

describe("parseRows on the capsule", () => {
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
  ])("reads %j", (columns, expected) => {
    expect(parseRows({ ...capsule, ...columns }, [message]).capsule).toMatchObject(expected);
  });

  it.each<[Record<string, unknown>, object, readonly string[]]>([
    [{ title: 7 }, { honoree: "7" }, []],
    [{ title: { en: "Margaret" }, name: "Margaret" }, { honoree: "Margaret" }, ["title"]],
    [{ title: "x".repeat(501), name: "Margaret" }, { honoree: "Margaret" }, ["title"]],
    [{ title: "\u200b\u202e" }, { honoree: null }, ["title"]],
    [{ title: "Margaret \u202eHollis\n" }, { honoree: "Margaret Hollis" }, []],
    [{ status: 7 }, { status: "" }, []],
    [{ theme: ["night"] }, { theme: null }, ["theme"]],
    [{ birth_date: "1941-02-30", born_on: "1941-02-28" }, { bornOn: "1941-02-28" }, ["birth_date"]],
    [{ birth_date: 1941 }, { bornOn: "1941" }, []],
    [{ birth_date: "1950" }, { bornOn: "1950" }, []],
    [{ birth_date: "1950-03", death_date: "2026" }, { bornOn: "1950-03", diedOn: "2026" }, []],
    [{ birth_date: "1950-03-09", death_date: "1950" }, { bornOn: "1950-03-09", diedOn: "1950" }, []],
    [{ birth_date: "1950", death_date: "1949-12-31" }, { bornOn: null, diedOn: null }, ["birth_date"]],
    [{ birth_date: "2027" }, { bornOn: null }, ["birth_date"]],
    [{ birth_date: "0950" }, { bornOn: null }, ["birth_date"]],
    [{ birth_date: "null", born_on: "1950" }, { bornOn: "1950" }, ["birth_date"]],
    [{ title: "null", name: "Margaret" }, { honoree: "Margaret" }, ["title"]],
    [
      { title: " undefined ", name: "[object Object]", theme: "null" },
      { honoree: null, theme: null },
      ["title", "name", "theme"],
    ],
    [{ title: "Nan" }, { honoree: "Nan" }, []],
    [{ title: "Null" }, { honoree: "Null" }, []],
    [{ title: "O&#39;Neill &amp; Co" }, { honoree: "O'Neill & Co" }, []],
    [{ birth_date: "0044-03-15 BC" }, { bornOn: null }, ["birth_date"]],
    [{ birth_date: "0941-03-09" }, { bornOn: null }, ["birth_date"]],
    [{ death_date: "9999-12-31" }, { diedOn: null }, ["death_date"]],
    [{ death_date: "infinity" }, { diedOn: null }, ["death_date"]],
    [{ death_date: "2026-05-02" }, { diedOn: "2026-05-02" }, []],
    [{ death_date: "2026-05-03" }, { diedOn: null }, ["death_date"]],
    [{ birth_date: "2001-01-01", death_date: "1999-01-01" }, { bornOn: null, diedOn: null }, ["birth_date"]],
    [{ birth_date: "1826-01-01", death_date: "2026-01-01" }, { bornOn: null, diedOn: null }, ["birth_date"]],
  ])("leaves out impossible dates and reports them: %j", (columns, expected, fields) => {
    const now = new Date("2026-05-01T12:00:00Z");
    const { capsule: parsed, problems = [] } = parseRows({ ...capsule, ...columns }, [message], now);
    expect(parsed).toMatchObject(expected);
    expect(problems.map(({ messageId, field, code }) => [messageId, field, code])).toEqual(
      fields.map((field) => [null, field, "field-unusable"]),
    );
  });

  it("reads no inherited properties as columns", () => {
    const row = JSON.parse(
      `{"id": "${capsule.id}", "__proto__": {"title": "Nobody", "theme": "night"}, "constructor": {"prototype": 1}}`,
    ) as object;
    expect(parseRows(row, [message]).capsule).toMatchObject({ honoree: null, theme: null });
    expect(({} as { title?: unknown }).title).toBeUndefined();
  });

  it.each([null, "capsule", [], {}, { id: "x" }, { id: 7 }])("rejects the capsule row %j", (row) => {
    expect(() => parseRows(row, [message])).toThrow(expect.objectContaining({ code: "capsule-invalid" }));
  });
});

describe("parseRows on messages", () => {
  it("accepts a transcript of an hour, as text or as JSON", () => {
    const segments = [{ start: 0, end: 1.5, text: "Hello." }];
    const said = "She never slept badly. ".repeat(4000);
    const transcripts = [segments, { segments }, said].map(
      (transcript) => parseRows(capsule, [{ ...message, transcript }]).messages[0]?.transcript,
    );
    expect(transcripts).toEqual([JSON.stringify(segments), JSON.stringify({ segments }), said.trim()]);
    const more = { ...message, transcript: "x".repeat(200_001) };
    const { messages, problems } = parseRows(capsule, [more]);
    expect(messages).toMatchObject([{ text: "The lake.", transcript: null }]);
    expect(problems).toMatchObject([{ messageId: "a", field: "transcript", code: "field-unusable" }]);
  });

  it("reads the columns, and blank ones as null", () => {
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

  it("orders messages by time in any zone, then by id, and those without a time last", () => {
    const rows = [
      { ...message, id: "none", submitted_at: null },
      { ...message, id: "c", submitted_at: "2026-05-01T12:00:00+02:00" },
      { ...message, id: "b", submitted_at: "2026-05-01 10:00:00.000001" },
      { ...message, id: "a", submitted_at: "2026-05-01T10:00:00.000001Z" },
      { ...message, id: "first", submitted_at: "2026-05-01T09:59:59.999999-00" },
    ];
    expect(parseRows(capsule, rows).messages.map(({ id }) => id)).toEqual(["first", "c", "a", "b", "none"]);
  });

  it("orders messages the same way for any order of the rows", () => {
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
  ])("rejects a capsule with nothing to make a film of: %s", (_what, rows) => {
    expect(() => parseRows(capsule, rows)).toThrow(
      expect.objectContaining({ code: "nothing-to-film", fault: "job" }),
    );
  });

  it("accepts values at the limits and rejects longer ones without cutting them", () => {
    const long = { ...message, content_text: "x".repeat(maxTextCharacters) };
    expect(parseRows(capsule, [long]).messages[0]?.text).toHaveLength(maxTextCharacters);
    const many = Array.from({ length: maxMessages }, (_, index) => ({ ...message, id: String(index) }));
    expect(parseRows(capsule, many).messages).toHaveLength(maxMessages);
    const tooLong = [{ ...long, content_text: `${long.content_text}x` }];
    const tooMany = [...many, message];
    expect(() => parseRows(capsule, tooLong)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`(id ${String(tooLong[0]?.id)})`) }),
    );
    for (const rows of [tooLong, tooMany]) {
      expect(() => parseRows(capsule, rows)).toThrow(
        expect.objectContaining({ code: "capsule-too-large", message: expect.not.stringContaining("xxx") }),
      );
    }
  });

  it.each([
    ["no list", "messages"],
    ["a message that is none", [message, null]],
    ["words that are none", [{ ...message, content_text: { ops: [{ insert: "Hello" }] } }]],
    ["a list of words", [{ ...message, content_text: ["Hello"] }]],
    ["a message of another capsule", [{ ...message, capsule_id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a11" }]],
  ])("rejects %s", (_what, rows) => {
    expect(() => parseRows(capsule, rows)).toThrow(expect.objectContaining({ code: "capsule-invalid" }));
  });

  it.each<[string, Record<string, unknown>, object, readonly string[]]>([
    ["a number for words", { content_text: 42 }, { text: "42" }, []],
    [
      "an object for a name",
      { contributor_name: { first: "Ada" } },
      { contributorName: null },
      ["contributor_name"],
    ],
    [
      "a name of a page",
      { contributor_name: "x".repeat(501) },
      { contributorName: null },
      ["contributor_name"],
    ],
    [
      "a name with line ends",
      { contributor_name: "Ada\r\nadmin: ok" },
      { contributorName: "Ada admin: ok" },
      [],
    ],
    ["no time", { submitted_at: "yesterday" }, { submittedAt: null }, ["submitted_at"]],
    [
      "a time as a number",
      { submitted_at: 1_714_557_600 },
      { submittedAt: "2024-05-01T10:00:00.000000Z" },
      [],
    ],
    ["a number that is no time", { submitted_at: 7 }, { submittedAt: null }, ["submitted_at"]],
    ["a program's word for nothing", { contributor_name: "undefined" }, { contributorName: null }, []],
    [
      "a program's word for nothing instead of a file",
      { content_image_url: "null", content_audio_url: "[]", content_video_url: "{}" },
      { imageReference: null, audioReference: null, videoReference: null },
      [],
    ],
    [
      "words of a program for nothing",
      { content_text: "null", content_image_url: "a/b.jpg" },
      { text: null },
      ["content_text"],
    ],
    ["a list of files", { content_image_url: ["a/b.jpg", null] }, { imageReference: '["a/b.jpg",null]' }, []],
    [
      "markup of an editor",
      { content_text: "<p>One</p><p>Two &amp; three</p>" },
      { text: "One\n\nTwo & three" },
      [],
    ],
    ["words with a heart", { content_text: "I <3 you & <b>all" }, { text: "I <3 you & <b>all" }, []],
    ["30 February", { submitted_at: "2026-02-30T10:00:00" }, { submittedAt: null }, ["submitted_at"]],
    [
      "a far time",
      { submitted_at: "9998-01-01T00:00:00Z" },
      { submittedAt: "9998-01-01T00:00:00.000000Z" },
      [],
    ],
    [
      "words of nothing",
      { content_text: "\u200b\u2060", content_image_url: "a/b.jpg" },
      { text: null },
      ["content_text"],
    ],
    ["half a surrogate pair", { content_text: "a\ud800b\udc00c\0" }, { text: "a\ufffdb\ufffdc" }, []],
    ["no id", { id: undefined }, { id: "message-1" }, ["id"]],
    ["an id beyond 2^53", { id: 2 ** 53 + 2 }, { id: "message-1" }, ["id"]],
    ["an id that is a path", { id: "../../etc/passwd" }, { id: "message-1" }, ["id"]],
    ["an id of two lines", { id: "a\nb" }, { id: "message-1" }, ["id"]],
    ["a small id", { id: 7 }, { id: "7" }, []],
    ["a deep transcript", { transcript: deep(20_000) }, { transcript: null }, ["transcript"]],
    ["a transcript that is a number", { transcript: 7 }, { transcript: "7" }, []],
  ])("keeps a message with %s", (_what, columns, expected, fields) => {
    const { messages, problems = [] } = parseRows(capsule, [{ ...message, ...columns }]);
    expect(messages).toMatchObject([expected]);
    expect(problems.map(({ messageId, field }) => [messageId, field])).toEqual(
      fields.map((field) => [messages[0]?.id, field]),
    );
  });

  it.each([
    ["a picture in the address itself", `data:image/png;base64,${"A".repeat(5000)}`],
    ["an object", { url: "https://example.com/a.jpg" }],
    ["a list of something else", ["a.jpg", { url: "b.jpg" }]],
    ["what the database kept back", { keepsake_too_long: 5_000_000 }],
  ])("keeps messages whose file is %s, for their card", (_what, content_image_url) => {
    const { messages, problems } = parseRows(capsule, [
      { id: "a", contributor_name: "Ada", content_image_url },
    ]);
    expect(messages).toMatchObject([{ contributorName: "Ada", imageReference: null }]);
    expect(problems).toMatchObject([
      { messageId: "a", field: "content_image_url", code: "media-address-refused" },
    ]);
  });

  it.each([
    ["null", { content_text: null, content_image_url: null }],
    ["blank", { content_text: " \n\t\u3000" }],
    ["zero-width", { content_text: "\u200b\u200d\u2060\ufeff" }],
    ["a Hangul filler", { content_text: "\u3164\u3164" }],
    ["an empty cell of braille", { content_text: "\u2800 \u2800" }],
    ["the place of an object", { content_text: "\ufffc" }],
    ["an editor's empty paragraph", { content_text: "<p><br></p>" }],
    ["a blank of an editor", { content_text: "<p>&nbsp;</p>" }],
    ["a program's word for nothing", { content_text: "null", content_audio_url: "undefined" }],
    ["an empty list", { content_image_url: "[]", content_video_url: [] }],
    ["a transcript of nothing", { transcript: "Hello." }],
  ])("leaves out messages without visible content, with or without a name: %s", (_what, columns) => {
    for (const contributor_name of ["Ann", null]) {
      const empty = { id: "b", contributor_name, submitted_at: "2026-05-01T09:00:00Z", ...columns };
      const { messages, problems = [] } = parseRows(capsule, [empty, message]);
      expect(messages.map(({ id }) => id)).toEqual(["a"]);
      expect(problems.at(-1)).toMatchObject({ messageId: "b", code: "field-unusable" });
      expect(() => parseRows(capsule, [empty])).toThrow(expect.objectContaining({ code: "nothing-to-film" }));
    }
  });

  it("accepts only words with a visible character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = cleanText(text);
        if (clean !== null) expect(tidyText(clean)).not.toBe("");
      }),
      { numRuns: 2000 },
    );
  });

  it("orders messages by times in every notation", () => {
    const times = {
      a: "2026-05-01",
      b: "2026-05-01T00:01",
      c: "2026-05-01 00:02:00",
      d: 1_777_593_780_000,
      e: "1777593840",
      f: "2026-05-01T02:05+02:00",
    };
    const rows = Object.entries(times).map(([id, submitted_at]) => ({ ...message, id, submitted_at }));
    const { messages, problems } = parseRows(capsule, rows.toReversed());
    expect(messages.map(({ id }) => id).join("")).toBe("abcdef");
    expect(problems).toBeUndefined();
  });

  it("gives messages with the same id different ones", () => {
    const { messages, problems } = parseRows(capsule, [message, message, { ...message, id: "message-2" }]);
    expect(messages.map(({ id }) => id)).toEqual(["a", "message-2", "message-2-"]);
    expect(problems).toMatchObject([{ messageId: "message-2-", field: "id" }]);
  });

  it("rejects messages whose words together take more than a day to read", () => {
    const count = maxCapsuleTextCharacters / maxTextCharacters;
    const full = Array.from({ length: count }, (_, index) => ({
      id: String(index),
      content_text: "💐".repeat(maxTextCharacters),
    }));
    expect(parseRows(capsule, full).messages).toHaveLength(count);
    expect(() => parseRows(capsule, [...full, message])).toThrow(
      expect.objectContaining({ code: "capsule-too-large", message: expect.stringContaining("1000009") }),
    );
  });

  it("drops transcripts in the order of the film when they are too long together", () => {
    const count = maxCapsuleTranscriptCharacters / 200_000 + 1;
    const rows = Array.from({ length: count }, (_, index) => ({
      ...message,
      id: String(index + 10),
      transcript: "x".repeat(200_000),
    }));
    const { messages, problems } = parseRows(capsule, rows.toReversed());
    expect(messages.map(({ transcript }) => transcript === null)).toEqual([
      ...Array.from({ length: count - 1 }, () => false),
      true,
    ]);
    expect(problems).toMatchObject([{ messageId: String(count + 9), field: "transcript" }]);
  });

  it("names what is wrong, and never repeats a value", () => {
    const marked = "Grandmother's secret";
    const row = {
      id: `${marked}?`,
      content_text: "x",
      contributor_name: { marked },
      submitted_at: marked,
      content_image_url: [{ marked }],
      transcript: marked.repeat(20_000),
    };
    const { problems } = parseRows({ ...capsule, title: [marked], birth_date: marked, theme: { marked } }, [
      row,
    ]);
    expect(problems).toHaveLength(8);
    expect(JSON.stringify(problems)).not.toContain("secret");
  });
});

function deep(levels: number): unknown {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}
