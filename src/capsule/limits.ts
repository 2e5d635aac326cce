/**
 * Limits of a capsule. Characters are code points, which PostgreSQL counts too. `docs/limits.md` lists all limits with
 * their reasons.
 */
export const maxMessages = 500;
export const maxTextCharacters = 20_000;
/** Limit for all messages together: about 170,000 words, a day of reading. */
export const maxCapsuleTextCharacters = 1_000_000;
/** An hour of speech with its timestamps has less. */
export const maxTranscriptCharacters = 200_000;
/** Limit for all messages together: the longest film with continuous speech and its timestamps has less. */
export const maxCapsuleTranscriptCharacters = 3_000_000;
export const maxNameCharacters = 500;
export const maxReferenceCharacters = 4_000;
/** Limit for dates and times. */
export const maxDateCharacters = 64;

/** Limits by column for the database, which does not send longer values, so that no row is too large for a worker. */
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
