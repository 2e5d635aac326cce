/**
 * How much a capsule may hold. Characters are code points, as PostgreSQL counts them. `docs/limits.md` has the whole
 * list, with reasons.
 */
export const maxMessages = 500;
export const maxTextCharacters = 20_000;
/** Of all messages: some 170,000 words, a day of reading. */
export const maxCapsuleTextCharacters = 1_000_000;
/** An hour of speech with its times. */
export const maxTranscriptCharacters = 200_000;
/** Of all messages: the longest film, spoken from end to end, with its times. */
export const maxCapsuleTranscriptCharacters = 3_000_000;
export const maxNameCharacters = 500;
export const maxReferenceCharacters = 4_000;
/** Of dates and times. */
export const maxDateCharacters = 64;

/** For the database, by column: it keeps back what is longer, so that no row is too large for a worker. */
export const columnLimits = {
  title: maxNameCharacters,
  name: maxNameCharacters,
  honoree_name: maxNameCharacters,
  theme: maxNameCharacters,
  contributor_name: maxNameCharacters,
  content_text: maxTextCharacters,
  content_image_url: maxReferenceCharacters,
  content_audio_url: maxReferenceCharacters,
  content_video_url: maxReferenceCharacters,
  transcript: maxTranscriptCharacters,
} as const;
