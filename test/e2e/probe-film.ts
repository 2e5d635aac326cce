import { Demuxer } from "node-av/api";
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE, AVMEDIA_TYPE_VIDEO } from "node-av/constants";

/** The properties of a film as FFmpeg, an independent reader, finds them. */
export interface ProbedFilm {
  readonly durationSeconds: number;
  readonly video: { readonly width: number; readonly height: number; readonly frameCount: number } | null;
  readonly sound: { readonly sampleRate: number; readonly channels: number } | null;
  readonly subtitleStreams: number;
  readonly title: string | null;
}

export async function probeFilm(path: string): Promise<ProbedFilm> {
  await using film = await Demuxer.open(path);
  const ofType = (type: number) => film.streams.filter((stream) => stream.codecpar.codecType === type);
  const [video] = ofType(AVMEDIA_TYPE_VIDEO);
  const [sound] = ofType(AVMEDIA_TYPE_AUDIO);
  return {
    durationSeconds: film.duration,
    video:
      video === undefined
        ? null
        : {
            width: video.codecpar.width,
            height: video.codecpar.height,
            frameCount: Number(video.nbFrames),
          },
    sound:
      sound === undefined
        ? null
        : { sampleRate: sound.codecpar.sampleRate, channels: sound.codecpar.channels },
    subtitleStreams: ofType(AVMEDIA_TYPE_SUBTITLE).length,
    title: film.metadata["title"] ?? null,
  };
}
