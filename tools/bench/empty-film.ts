import type { FilmToPublish } from "../../dist/queue/attempt.js";

/** Returns the data that a worker publishes, for a film that was never made. */
export function emptyFilm(capsuleId: string, contentDigest: string | null): FilmToPublish {
  const fingerprint = "f".repeat(64);
  const place = `https://films.example/videos/${capsuleId}`;
  return {
    contentDigest,
    fingerprint,
    url: `${place}.mp4?v=${fingerprint.slice(0, 12)}`,
    posterUrl: `${place}.jpg`,
    sha256: "a".repeat(64),
    sizeBytes: 0,
    durationSeconds: 0,
    messageCount: 1,
    warnings: [],
    timings: {},
  };
}
