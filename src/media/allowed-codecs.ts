import {
  FF_DECODER_BMP,
  FF_DECODER_H264,
  FF_DECODER_HEVC,
  FF_DECODER_LIBDAV1D,
  FF_DECODER_LIBJXL,
  FF_DECODER_MJPEG,
  FF_DECODER_PNG,
} from "node-av/constants";

/**
 * FFmpeg's names of the decoders that contributors' files may use. They cover the formats of phones, cameras, browsers,
 * messengers and recorders of the last thirty years, and no exotic ones, because each decoder is attack surface.
 */
const video = `
  h264 hevc vp8 vp9 libvpx libvpx-vp9 libdav1d mpeg4 mpeg2video mpeg1video mjpeg mjpegb h263 h263i h263p flv vp6 vp6f msmpeg4v1 msmpeg4v2
  msmpeg4 wmv1 wmv2 wmv3 vc1 prores apv dnxhd cfhd dvvideo theora svq1 svq3 cinepak ffv1 huffyuv ffvhuff rawvideo
  msvideo1 msrle qtrle rpza smc png utvideo lagarith magicyuv v210 gif webp_anim apng`;

const sound = `
  aac aac_latm mp1 mp2 mp3float opus vorbis flac alac amrnb amrwb ac3 eac3 wmav1 wmav2 wmapro wmavoice
  dca speex qcelp evrc dss_sp g723_1 truespeech qdm2 mace3 mace6 wavpack ape tta qoa gsm gsm_ms nellymoser adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_swf adpcm_yamaha pcm_alaw pcm_mulaw
  pcm_u8 pcm_s8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le pcm_f32be pcm_f64le pcm_f64be
  pcm_bluray pcm_dvd`;

export const allowedDecoders: ReadonlySet<string> = new Set(`${video}${sound}`.trim().split(/\s+/));

/** Value for FFmpeg's option `codec_whitelist`. */
export const codecWhitelist: string = [...allowedDecoders].join(",");

/** FFmpeg's names of the decoders of stills that sharp's build does not include. */
export const stillDecoders = {
  hevc: FF_DECODER_HEVC,
  av1: FF_DECODER_LIBDAV1D,
  h264: FF_DECODER_H264,
  jpeg: FF_DECODER_MJPEG,
  "jpeg-xl": FF_DECODER_LIBJXL,
  bmp: FF_DECODER_BMP,
  png: FF_DECODER_PNG,
} as const;
