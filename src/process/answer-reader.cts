// Splits the bytes that a child sends over its channel into lines. A line may have any length. This is CommonJS because
// `start-thread.cts`, which loads it, is CommonJS.
{
  interface AnswerReader {
    /**
     * @param chunk the bytes that were read next
     * @returns the lines that the chunk completes; null when the child sent too much, and nothing more may be read
     */
    read(chunk: Buffer): readonly string[] | null;
    /** Starts the count for a new task: bytes that were sent before do not count. */
    startTask(): void;
  }

  const lineEnd = 0x0a;
  /** Allowance for reports of progress. A task sends a few of them per second, so a long task sends many. */
  const bytesPerSecond = 64 * 1024;

  /**
   * @param maxBytes limit of one answer and, with the allowance for reports of progress, of all answers to a task
   * @param now milliseconds
   */
  const createAnswerReader = (
    maxBytes: number,
    now: () => number = () => performance.now(),
  ): AnswerReader => {
    let partial: Buffer[] = [];
    let partialBytes = 0;
    let sentBytes = 0;
    let since = now();
    return {
      read(chunk) {
        sentBytes += chunk.length;
        if (sentBytes > maxBytes + (bytesPerSecond * (now() - since)) / 1000) return null;
        const lines: string[] = [];
        let from = 0;
        for (let end = chunk.indexOf(lineEnd); end !== -1; end = chunk.indexOf(lineEnd, from)) {
          partial.push(chunk.subarray(from, end));
          if (partialBytes + end - from > maxBytes) return null;
          lines.push(Buffer.concat(partial).toString("utf8"));
          [partial, partialBytes, from] = [[], 0, end + 1];
        }
        if (from < chunk.length) partial.push(chunk.subarray(from));
        partialBytes += chunk.length - from;
        return partialBytes > maxBytes ? null : lines;
      },
      startTask() {
        sentBytes = partialBytes;
        since = now();
      },
    };
  };

  module.exports = { createAnswerReader };
}
