/** A film, its poster and its captions, in the order in which they are removed: the film first. */
const filmExtensions = ["mp4", "jpg", "vtt"] as const;

export type FilmExtension = (typeof filmExtensions)[number];

/** The path of one object of a capsule's film in the bucket for films. */
export function filmObject(capsuleId: string, extension: FilmExtension): string {
  return `${capsuleId}.${extension}`;
}

/** The paths of all objects of a capsule's film. */
export function filmObjects(capsuleId: string): readonly string[] {
  return filmExtensions.map((extension) => filmObject(capsuleId, extension));
}

/** Gives each version of a film its own URL, so that no cache serves an older one. */
export function versionedUrl(url: string, fingerprint: string): string {
  return `${url}?v=${fingerprint.slice(0, 12)}`;
}
