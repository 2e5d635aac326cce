import { z } from "zod";

import { missingKeys } from "../model/labels.js";
import type { Rgb } from "../../colour/rgb.js";
import { fontWeights } from "../typography/font-catalogue.js";

/** The JSON of an app's theme: every part is optional and replaces that of the theme it extends. */

const colour = z
  .string()
  .regex(/^#[\da-f]{6}$/i, "must be a colour like #f4eee4")
  .transform((text): Rgb => {
    const channel = (start: number): number => Number.parseInt(text.slice(start, start + 2), 16);
    return [channel(1), channel(3), channel(5)];
  });

const within = (min: number, max: number) =>
  z.number().refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`);
const label = z.string().trim().min(1).max(60);
const labelWithYear = z
  .string()
  .trim()
  .max(40)
  .refine(
    (text) => text.split("{year}").length === 2,
    "must contain {year} exactly once, in the place of the year",
  );
const sentence = z.string().trim().min(1).max(160);

const text = { type: colour, accent: colour, unheard: colour };
const onPicture = z.strictObject({ ...text, scrim: colour });

export const themeSchema = z.strictObject({
  name: z.string().regex(/^[a-z][\w-]{0,39}$/, "must be a short name of small letters, digits and hyphens"),
  extends: z.string().default("classic"),
  colours: z
    .strictObject({ ...text, background: colour, backgroundLift: colour, label: colour, quiet: colour })
    .partial()
    .default({}),
  onPicture: onPicture.partial().default({}),
  onBrightPicture: onPicture.partial().default({}),
  fill: z
    .strictObject({ colour, share: within(0, 0.6), shadowOpacity: within(0, 0.8) })
    .partial()
    .default({}),
  type: z
    .strictObject({
      weight: z
        .number()
        .refine((value) => fontWeights.includes(value), `must be one of ${fontWeights.join(", ")}`),
      wordsPx: within(50, 100),
      wordsBesidePhotoPx: within(44, 80),
      namePx: within(40, 80),
      openingNamePx: within(96, 200),
      datesPx: within(40, 90),
      labelPx: within(40, 60),
      labelTrackingEm: within(0, 0.4),
      quietPx: within(40, 60),
      closingNamePx: within(40, 72),
      minPx: within(40, 60),
    })
    .partial()
    .default({}),
  timing: z
    .strictObject({
      dissolveSeconds: within(0.2, 2),
      fadeFromBlackSeconds: within(0.2, 4),
      fadeToBlackSeconds: within(0.2, 4),
      openingSeconds: within(3, 20),
      photoSeconds: within(4, 20),
      minWordsSeconds: within(4, 20),
      wordsPerSecond: within(1, 2.5),
      voiceLeadSeconds: within(0, 3),
      minNamesSeconds: within(4, 20),
      namesPerSecond: within(0.5, 2),
      endCardSeconds: within(3, 20),
    })
    .partial()
    .default({}),
  labels: z
    .strictObject({
      inLovingMemory: label,
      withLoveFrom: label,
      withLove: label,
      aMessage: label,
      bornIn: labelWithYear,
      diedIn: labelWithYear,
      missing: z.strictObject(
        Object.fromEntries(missingKeys.map((key) => [key, sentence])) as Record<
          (typeof missingKeys)[number],
          typeof sentence
        >,
      ),
    })
    .partial()
    .default({}),
});
