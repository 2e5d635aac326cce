// Takes answers apart that come from a child over its channel: lines of text, none of them trusted to be short. CommonJS,
// as `start-thread.cts` is, which needs it.
{
  interface AnswerReader {
    /**
     * @param chunk what was read next
     * @returns the whole lines that it ends; null when more came than may: then nothing more is to be read
     */
    read(chunk: Buffer): readonly string[] | null;
    /** A new task: what was said before does not count. */
    renew(): void;
  }

  const lineEnd = 0x0a;
  /** Reports of progress come a few times a second, and a long task has many of them. */
  const bytesPerSecond = 64 * 1024;

  /**
   * @param maxBytes of one answer, and, beside what reports of progress take, of all that a task says
   * @param now milliseconds
   */
  const createAnswerReader = (
    maxBytes: number,
    now: () => number = () => performance.now(),
  ): AnswerReader => {
    let begun: Buffer[] = [];
    let begunBytes = 0;
    let saidBytes = 0;
    let since = now();
    return {
      read(chunk) {
        saidBytes += chunk.length;
        if (saidBytes > maxBytes + (bytesPerSecond * (now() - since)) / 1000) return null;
        const lines: string[] = [];
        let from = 0;
        for (let end = chunk.indexOf(lineEnd); end !== -1; end = chunk.indexOf(lineEnd, from)) {
          begun.push(chunk.subarray(from, end));
          if (begunBytes + end - from > maxBytes) return null;
          lines.push(Buffer.concat(begun).toString("utf8"));
          [begun, begunBytes, from] = [[], 0, end + 1];
        }
        if (from < chunk.length) begun.push(chunk.subarray(from));
        begunBytes += chunk.length - from;
        return begunBytes > maxBytes ? null : lines;
      },
      renew() {
        saidBytes = begunBytes;
        since = now();
      },
    };
  };

  module.exports = { createAnswerReader };
}
