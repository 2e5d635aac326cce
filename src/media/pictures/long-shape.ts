/** Longer side to shorter side: of a longer picture the camera sees one part after the other, and each of them large. */
export const maxWholeAspect = 2.5;
