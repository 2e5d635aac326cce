import sharp from "sharp";

/** H.273 number of the primaries of Display P3, in which phones save. */
const displayP3 = 12;

/** The profile that primaries mean of which a file gives the number only; null for those of sRGB and unknown ones. */
export async function findNamedProfile(primaries: number): Promise<Buffer | null> {
  if (primaries !== displayP3) return null;
  const sample = await sharp({ create: { width: 1, height: 1, channels: 3, background: "black" } })
    .withIccProfile("p3")
    .png()
    .toBuffer();
  return (await sharp(sample).metadata()).icc ?? null;
}
