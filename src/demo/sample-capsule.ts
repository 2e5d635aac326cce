import { createHash } from "node:crypto";

/** A row of the app's `capsules`, of an open capsule. */
interface SampleCapsuleRow {
  readonly id: string;
  readonly title: string;
  /** YYYY-MM-DD */
  readonly birth_date: string;
  readonly death_date: string;
  readonly status: "active";
  readonly final_video_url: null;
  /** ISO 8601 */
  readonly created_at: string;
}

/** A row of the app's `messages`. Media are `bucket/path`, like the files of `makeSampleMedia`. */
interface SampleMessageRow {
  readonly id: string;
  readonly capsule_id: string;
  readonly contributor_name: string;
  /** ISO 8601 */
  readonly submitted_at: string;
  readonly content_text: string | null;
  readonly content_image_url: string | null;
  readonly content_audio_url: string | null;
  readonly content_video_url: string | null;
}

export interface SampleCapsule {
  readonly capsule: SampleCapsuleRow;
  /** Messages in the order of the film. */
  readonly messages: readonly SampleMessageRow[];
}

interface Contribution {
  readonly name: string;
  readonly submittedAt: string;
  readonly text?: string;
  readonly image?: string;
  readonly audio?: string;
  readonly video?: string;
}

/** All these people are invented. */
const contributions: readonly Contribution[] = [
  { name: "Isla Hollis", submittedAt: "2026-03-02T09:14:00Z", image: "media/canyon.jpg" },
  {
    name: "Nora Whitfield",
    submittedAt: "2026-03-02T18:40:00Z",
    text:
      "In my first week as a teacher I hid in the store cupboard and cried. " +
      "Margaret came in for sugar paper, saw me, and said nothing.\n\n" +
      "She shut the door, turned a bucket over, sat down on it, and counted the scissors.\n\n" +
      "There were thirty-one pairs. She counted them twice.\n\n" +
      "By then I could stand up. I have kept a spare bucket in there ever since.",
  },
  {
    name: "Priya Nair",
    submittedAt: "2026-03-03T07:55:00Z",
    text: "She drew this from memory, then grew it, to see if she was right.",
    image: "media/allium.jpg",
  },
  {
    name: "سلمى الخطيب",
    submittedAt: "2026-03-03T20:21:00Z",
    text: "علّمتني أن أخبز على مهل. كانت تقول إنّ العجين يعرف إن كنتُ مستعجلة.",
  },
  {
    name: "Walter Ames",
    submittedAt: "2026-03-04T11:02:00Z",
    image: "media/pastoral.jpg",
    audio: "media/voice-note.ogg",
  },
  { name: "Ruth Hollis", submittedAt: "2026-03-06T19:47:00Z", video: "media/evening-sea.mp4" },
];

/** The words of Walter Ames's voice note. */
export const voiceNoteWords =
  "It was her idea to keep the sheep. It was my idea to give up. " +
  "I am still so glad that she did not listen to me.";

/**
 * The sample capsule in the columns of the app's tables: photographs, one of them portrait and with text; a long text and
 * one in a right-to-left script; a voice note over a photograph; a portrait video.
 *
 * @param options.capsuleId UUID; the ids of the messages are derived from it
 */
export function sampleCapsule(options: { readonly capsuleId: string }): SampleCapsule {
  return {
    capsule: {
      id: options.capsuleId,
      title: "Margaret Rose Hollis",
      birth_date: "1941-05-17",
      death_date: "2026-02-21",
      status: "active",
      final_video_url: null,
      created_at: "2026-02-28T10:00:00Z",
    },
    messages: contributions.map((contribution, index) => ({
      id: messageId(options.capsuleId, index),
      capsule_id: options.capsuleId,
      contributor_name: contribution.name,
      submitted_at: contribution.submittedAt,
      content_text: contribution.text ?? null,
      content_image_url: contribution.image ?? null,
      content_audio_url: contribution.audio ?? null,
      content_video_url: contribution.video ?? null,
    })),
  };
}

/** A UUID of version 8 (RFC 9562) that is derived from the capsule's id and the message's index. */
function messageId(capsuleId: string, index: number): string {
  const digits = createHash("sha256").update(`${capsuleId} message ${index}`).digest("hex");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join("-");
}
