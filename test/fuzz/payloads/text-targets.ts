import { formatWebVtt } from "../../../dist/film/captions/format-webvtt.js";
import { labelsByLanguage } from "../../../dist/film/model/labels.js";
import { parseTheme } from "../../../dist/film/theme/read-theme.js";
import { readConfig } from "../../../dist/settings/config.js";
import { parseTranscript } from "../../../dist/speech/parse-transcript.js";
import type { Chance } from "../random.js";
import { mutateText, mutateValue, wellFormed } from "./mutate-value.js";
import { nastyTexts } from "./nasty-values.js";
import { judgeAttempt, type Target } from "./target.js";

const transcripts: readonly string[] = [
  "WEBVTT\n\n1\n00:00.000 --> 00:02.000 line:0\n<v Ann>Hello &amp; <b>good</b> day\n\nNOTE x\n\n00:03.000 --> 01:00:04.000\n-- again",
  "1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}Hello\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nthere",
  JSON.stringify({
    segments: [
      { start: 0, end: 1.5, text: "Hello", speaker: "Ann" },
      { start: 2, end: 3, text: "there" },
    ],
  }),
  JSON.stringify([{ start: 0, end: 1.5, text: " Hello" }]),
  "Only words.\nIn two lines.",
];

/** Again and again, which is what expressions that look back choke on. */
const stammers = [
  "<v ",
  "<v.",
  "<",
  "&",
  "{\\",
  "00:00:00.000 --> ",
  "1\n",
  "\n",
  " ",
  "-->",
  "[",
  '{"',
  "a ",
  "<1:",
] as const;
const maxCharacters = 200_000;

export const transcriptTarget: Target = {
  name: "transcript",
  mutate: (chance) => {
    if (chance.oneIn(400)) return chance.pick(stammers).repeat(maxCharacters).slice(0, maxCharacters);
    let text = chance.pick(transcripts);
    if (text.startsWith("[") || text.startsWith("{"))
      return JSON.stringify(mutateValue(JSON.parse(text), chance)) ?? "";
    for (let count = 1 + chance.below(4); count > 0; count -= 1) text = mutateText(text, chance);
    return text;
  },
  judge: (value) =>
    judgeAttempt(
      () => parseTranscript(value as string),
      [],
      (taken) => {
        if (taken === null) return [];
        if (taken.kind === "plain") return taken.text.trim() === "" ? ["plain without words"] : [];
        return taken.parts.flatMap(({ text, speaker, firstSample, endSample }) => [
          ...(text.trim() === "" || speaker?.trim() === "" ? ["a part without words"] : []),
          ...(text.includes("[native code]") ? ["words that nobody said"] : []),
          ...(Number.isSafeInteger(firstSample) &&
          Number.isSafeInteger(endSample) &&
          firstSample >= 0 &&
          endSample >= firstSample
            ? []
            : [`from ${firstSample} to ${endSample}`]),
        ]);
      },
    ),
};

interface Cue {
  readonly text: string;
  readonly speaker: string | null;
}

/** Words pass through a WebVTT file unchanged, and cannot become another cue. */
export const captionsTarget: Target = {
  name: "captions",
  mutate: (chance) =>
    Array.from({ length: 1 + chance.below(3) }, (): Cue => ({
      text: wellFormed(mutateText(chance.pick(nastyTexts), chance)),
      speaker: chance.oneIn(2) ? null : wellFormed(mutateText("Ann", chance)),
    })),
  judge: (value) => {
    const cues = value as readonly Cue[];
    const captions = cues.map((cue, index) => ({ ...cue, firstFrame: index * 60, frameCount: 30 }));
    const written = formatWebVtt(captions, 30);
    const shown = captions.filter(({ text }) => text.split(/\r\n|\r|\n/u).some((line) => line.trim() !== ""));
    const timings = written.split(/\r\n|\r|\n/u).filter((line) => line.includes("-->"));
    if (timings.length !== shown.length) return [`${timings.length} cues for ${shown.length}`];
    const read = parseTranscript(written);
    // Null where all of it looks like a tag.
    if (shown.length === 0 || read === null) return [];
    if (read.kind !== "timed") return ["not read as captions"];
    return read.parts.length > shown.length ? [`${read.parts.length} read of ${shown.length}`] : [];
  },
};

const theme = {
  name: "dusk",
  extends: "night",
  colours: { type: "#f4eee4", accent: "#c8b090", background: "#201a16" },
  fill: { share: 0.3, shadowOpacity: 0.4 },
  type: { weight: 400, wordsPx: 64 },
  timing: { wordsPerSecond: 2.5 },
  labels: { withLove: "Adieu", bornIn: "born in {year}" },
};

export const themeTarget: Target = {
  name: "theme",
  mutate: (chance) => mutateValue(theme, chance),
  judge: (value) =>
    judgeAttempt(
      () => parseTheme(value, labelsByLanguage.en),
      ["setting-invalid"],
      ({ name, colours, type }) => [
        ...(/^[a-z][\w-]{0,39}$/.test(name) ? [] : [`the name ${name}`]),
        ...Object.values(colours).flatMap((colour) =>
          Array.isArray(colour) && colour.length === 3 && colour.every((part) => part >= 0 && part <= 255)
            ? []
            : ["a colour"],
        ),
        ...Object.values(type).flatMap((part) => (Number.isFinite(part) ? [] : [`${part} in type`])),
      ],
      { mayQuote: true, mayHaveLines: true },
    ),
};

const settings: Readonly<Record<string, string>> = {
  DATABASE_URL: "postgresql://keepsake:secret@db.example.org:5432/postgres",
  SUPABASE_URL: "https://abc.supabase.co",
  SUPABASE_SERVICE_ROLE_KEY: "sb_secret_0123456789abcdef0123456789",
  KEEPSAKE_BUCKET: "videos",
  KEEPSAKE_SIZE: "1280x720",
  KEEPSAKE_FPS: "30",
  KEEPSAKE_QUALITY: "draft",
  KEEPSAKE_THEME: "night",
  KEEPSAKE_LANGUAGE: "fr",
  KEEPSAKE_SLOTS: "2",
  KEEPSAKE_LEASE_SECONDS: "120",
  KEEPSAKE_HEARTBEAT_SECONDS: "20",
  KEEPSAKE_MEDIA_HOSTS: "media.example.org,*.example.net:8443",
  KEEPSAKE_MAX_FILM_BYTES: "50000000",
  KEEPSAKE_LOG: "warn",
};

export const settingsTarget: Target = {
  name: "settings",
  mutate: (chance: Chance) => {
    const mutated: Record<string, string> = { ...settings };
    for (let count = 1 + chance.below(3); count > 0; count -= 1) {
      const key = chance.pick(Object.keys(settings));
      mutated[key] = mutateText(settings[key] ?? "", chance);
    }
    return mutated;
  },
  judge: (value) =>
    judgeAttempt(
      () => readConfig(value as Readonly<Record<string, string>>),
      ["setting-invalid", "setting-missing"],
      ({ worker, film, cores }) => [
        ...([
          worker.slots,
          worker.leaseSeconds,
          worker.heartbeatSeconds,
          film.width,
          film.height,
          film.fps,
          cores,
        ].every((number) => Number.isFinite(number) && number > 0)
          ? []
          : ["a number that is none"]),
        ...(typeof film.theme.name === "string" ? [] : ["no theme"]),
      ],
      { mayHaveLines: true },
    ),
};
