import { parsePayload } from "../../../dist/capsule/payload.js";
import { maxMessages, maxTextCharacters } from "../../../dist/capsule/limits.js";
import { parseRows } from "../../../dist/capsule/parse-rows.js";
import type { CapsuleContent } from "../../../dist/capsule/content.js";
import { mutateText, mutateValue } from "./mutate-value.js";
import { mark } from "./nasty-values.js";
import { judgeAttempt, type Target } from "./target.js";

const id = "3f2b8c1e-5a4d-4e6f-9a8b-7c6d5e4f3a2b";
const guid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const payload = {
  capsule_id: id,
  job_type: "generate_video",
  created_at: "2026-01-02T03:04:05.678Z",
  status: "queued",
  priority: 5,
  retry_count: 0,
};

const capsule = {
  id,
  status: "closed",
  title: "Margaret Hollis",
  name: null,
  honoree_name: "Margaret",
  birth_date: "1941-03-02",
  died_on: "2025-11-30",
  theme: "night",
};

const message = {
  id: "1",
  contributor_name: "Daniel",
  submitted_at: "2026-01-02 03:04:05.678+00",
  content_text: "The lake, in summer.",
  content_image_url: "media/lake.jpg",
  content_audio_url: "https://example.supabase.co/storage/v1/object/sign/media/a.m4a?token=x",
  content_video_url: null,
  transcript: "WEBVTT\n\n00:00.000 --> 00:02.000\nHello",
};

const rows = {
  capsule,
  messages: [message, { ...message, id: 2, submitted_at: null }, { ...message, id: "3" }],
};

export const payloadTarget: Target = {
  name: "payload",
  mutate: (chance) => {
    const value = mutateValue(payload, chance);
    if (chance.oneIn(4)) return JSON.stringify(value);
    return chance.oneIn(20) ? mutateText(JSON.stringify(payload), chance) : value;
  },
  judge: (value) =>
    judgeAttempt(
      () => parsePayload(value),
      ["payload-invalid"],
      ({ capsule_id: capsuleId, job_type: jobType, retry_count: retries }) => [
        ...(guid.test(capsuleId) ? [] : [`capsule ${JSON.stringify(capsuleId)}`]),
        ...(jobType === "generate_video" ? [] : [`job type ${JSON.stringify(jobType)}`]),
        ...(retries == null || (Number.isSafeInteger(retries) && retries >= 0) ? [] : [`${retries} retries`]),
      ],
    ),
};

export const rowsTarget: Target = {
  name: "rows",
  mutate: (chance) => mutateValue(rows, chance),
  judge: (value) =>
    judgeAttempt(
      () => {
        const { capsule: row, messages } = (value ?? {}) as { capsule?: unknown; messages?: unknown };
        return parseRows(row, messages);
      },
      ["capsule-invalid", "capsule-too-large", "nothing-to-film"],
      judgeContent,
    ),
};

function judgeContent({ capsule: taken, messages, problems = [] }: CapsuleContent): readonly string[] {
  const faults: string[] = [];
  // A message in which nothing shows is left out, and said to be.
  const passedOver = problems.filter(({ reason }) => reason.endsWith("so it is not in the film."));
  const named = new Set([...messages.map((one) => one.id), ...passedOver.map((one) => one.messageId)]);
  for (const { messageId, reason } of problems) {
    if (messageId !== null && !named.has(messageId)) faults.push("a problem of no message");
    if (reason.includes(mark)) faults.push(`a problem repeats what was sent: ${reason}`);
    if (!/^[A-Z][^\n\r]{3,400}\.$/.test(reason)) faults.push(`not a sentence: ${JSON.stringify(reason)}`);
  }
  for (const one of messages)
    if (!/^[\w.:-]{1,120}$/.test(one.id)) faults.push(`the id ${JSON.stringify(one.id)}`);
  if (!guid.test(taken.id.toLowerCase())) faults.push(`capsule ${taken.id}`);
  for (const day of [taken.bornOn, taken.diedOn]) {
    if (day !== null && (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))))
      faults.push(`the day ${day}`);
  }
  if (messages.length > maxMessages || messages.length === 0) faults.push(`${messages.length} messages`);
  if (new Set(messages.map((one) => one.id)).size !== messages.length) faults.push("two messages of one id");
  const texts = [
    taken.honoree,
    taken.theme,
    ...messages.flatMap((one) => [
      one.contributorName,
      one.text,
      one.imageReference,
      one.audioReference,
      one.videoReference,
    ]),
  ];
  for (const text of texts) {
    if (text === null) continue;
    if (text.length > maxTextCharacters || text.trim() === "")
      faults.push(`a text of ${text.length} characters`);
    if (/\p{Surrogate}/u.test(text)) faults.push("a lone surrogate");
    if (/(?![\n\t])\p{Cc}/u.test(text))
      faults.push(`a control character in ${JSON.stringify(text.slice(0, 80))}`);
  }
  const times = messages.map((one) => one.submittedAt);
  for (const time of times) {
    if (time !== null && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(time))
      faults.push(`the time ${time}`);
  }
  const known = times.filter((time) => time !== null);
  if (times.slice(0, known.length).includes(null)) faults.push("a message without a time before one with");
  if (known.join() !== known.toSorted().join()) faults.push("messages out of order");
  return faults;
}
