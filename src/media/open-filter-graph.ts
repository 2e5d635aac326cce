import { AV_BUFFERSRC_FLAG_KEEP_REF, type AVSampleFormat } from "node-av/constants";
import {
  Filter,
  FilterGraph,
  FilterInOut,
  avGetSampleFmtName,
  type FilterContext,
  type Frame,
} from "node-av/lib";

import { KeepsakeError } from "../errors.js";
import { throwIfFailed } from "./av-error.js";

/** A filter graph with one input and one output. */
export interface OpenedFilterGraph extends Disposable {
  /** Pushes a frame; null ends the input. The graph adds its own reference, and the caller still owns `frame`. */
  push(frame: Frame | null): Promise<void>;
  /** @returns false when more must be pushed first, or at the end */
  pull(frame: Frame): Promise<boolean>;
  /** Pushes on the caller's thread, for filters that cost less than passing through the thread pool. */
  pushNow(frame: Frame | null): void;
  pullNow(frame: Frame): boolean;
  /** Time base of pulled frames. */
  readonly timeBase: TimeBase;
}

export interface TimeBase {
  readonly num: number;
  readonly den: number;
}

const converting = "convert a picture or sound";

/**
 * @param like a frame like those that will be pushed: same size, format and colours, or same sample rate and layout
 * @param description filters in FFmpeg's syntax: `scale=640:360,format=yuv420p`
 * @throws KeepsakeError `media-damaged` when the graph cannot process such frames
 */
export function openFilterGraph(
  like: Frame,
  timeBase: TimeBase,
  description: string,
  threads = 1,
): OpenedFilterGraph {
  const graph = new FilterGraph();
  graph.alloc();
  graph.nbThreads = threads;
  try {
    const video = like.isVideo();
    const source = createSource(graph, like, timeBase);
    const sink = must(graph.createFilter(findFilter(video ? "buffersink" : "abuffersink"), "out"), "sink");
    connect(graph, source, sink, description);
    throwIfFailed(graph.configSync(), "prepare the picture or sound for the film");
    return {
      timeBase: sink.buffersinkGetTimeBase(),
      async push(frame) {
        throwIfFailed(await source.buffersrcAddFrame(frame, AV_BUFFERSRC_FLAG_KEEP_REF), converting);
      },
      async pull(frame) {
        frame.unref();
        return (await sink.buffersinkGetFrame(frame)) >= 0;
      },
      pushNow(frame) {
        throwIfFailed(source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), converting);
      },
      pullNow(frame) {
        frame.unref();
        return sink.buffersinkGetFrameSync(frame) >= 0;
      },
      [Symbol.dispose]: () => graph.free(),
    };
  } catch (error) {
    graph.free();
    if (error instanceof KeepsakeError) throw error;
    // node-av throws its own errors when FFmpeg rejects the parameters of a frame.
    throw new KeepsakeError("media-damaged", "The picture or sound cannot be converted.", { cause: error });
  }
}

function createSource(graph: FilterGraph, like: Frame, timeBase: TimeBase): FilterContext {
  if (!like.isVideo()) {
    const parameters = {
      time_base: `${timeBase.num}/${timeBase.den}`,
      sample_rate: like.sampleRate,
      sample_fmt: avGetSampleFmtName(like.format as AVSampleFormat),
      channel_layout: layoutOf(like),
    };
    const text = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
    return must(graph.createFilter(findFilter("abuffer"), "in", text.join(":")), "sound source");
  }
  const source = must(graph.allocFilter(findFilter("buffer"), "in"), "picture source");
  throwIfFailed(
    source.buffersrcParametersSet({
      width: like.width,
      height: like.height,
      format: like.format,
      sampleAspectRatio: like.sampleAspectRatio,
      colorRange: like.colorRange,
      colorSpace: like.colorSpace,
      timeBase,
    }),
    "describe the picture",
  );
  throwIfFailed(source.init(null), "read the picture");
  return source;
}

/** The positions of the channels, or only their number where positions are unknown. */
function layoutOf({ channelLayout, channels }: Frame): string {
  return channelLayout.mask === 0n ? `${channels}C` : `0x${channelLayout.mask.toString(16)}`;
}

function connect(graph: FilterGraph, source: FilterContext, sink: FilterContext, description: string): void {
  const segment = must(graph.segmentParse(description), description);
  const inputs = new FilterInOut();
  const outputs = new FilterInOut();
  try {
    throwIfFailed(segment.createFilters(), "create the filters", "internal");
    throwIfFailed(segment.applyOpts(), "set up the filters", "internal");
    throwIfFailed(segment.apply(inputs, outputs), "join the filters", "internal");
    const first = must(inputs.filterCtx, "first filter");
    const last = must(outputs.filterCtx, "last filter");
    throwIfFailed(source.link(0, first, inputs.padIdx), "link the first filter", "internal");
    throwIfFailed(last.link(outputs.padIdx, sink, 0), "link the last filter", "internal");
  } finally {
    inputs.free();
    outputs.free();
    segment.free();
  }
}

function findFilter(name: string): Filter {
  return must(Filter.getByName(name), name);
}

function must<T>(value: T | null, name: string): T {
  if (value === null) throw new KeepsakeError("internal", `FFmpeg has no filter or cannot build: ${name}.`);
  return value;
}
