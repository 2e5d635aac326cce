/** A film, its poster and its captions, in the order in which they are removed: the film first. */
const filmExtensions = ["mp4", "jpg", "vtt"] as const;

export type FilmExtension = (typeof filmExtensions)[number];

/** The path of an object of a capsule's film in the films' bucket. */
export function filmObject(capsuleId: string, extension: FilmExtension): string {
  return `${capsuleId}.${extension}`;
}

/** Of all that is put there for one film. */
export function filmObjects(capsuleId: string): readonly string[] {
  return filmExtensions.map((extension) => filmObject(capsuleId, extension));
}
