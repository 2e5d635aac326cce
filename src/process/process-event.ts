/** Types of `spawn-process.cts` and `start-thread.cts`, which are CommonJS. */

/** All that is needed to start a process. It can be sent to another thread. */
export interface ProcessStart {
  /** Arguments of the program, which is Node. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Bytes that one answer may have before the process is killed. */
  readonly maxAnswerBytes: number;
}

export interface ProcessEnd {
  /** Reason why the process could not be started; null when it was started. */
  readonly failure: string | null;
  readonly code: number | null;
  readonly signalName: NodeJS.Signals | null;
  /** The end of what it wrote to standard error. */
  readonly stderrTail: string;
}

/** Events of a process, in the order in which they happen. The end comes last, and always comes. */
export type ProcessEvent =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "answers"; readonly lines: readonly string[] }
  /** The process sent more than its limit, and has been killed. */
  | { readonly kind: "flood" }
  | { readonly kind: "end"; readonly end: ProcessEnd };

export interface SpawnedProcess {
  send(message: Uint8Array): void;
  /** Kills the process and everything that it started. */
  kill(): void;
}

/** Starts a process. It inherits the restrictions of the calling thread. */
export type SpawnProcess = (start: ProcessStart, onEvent: (event: ProcessEvent) => void) => SpawnedProcess;

/** Message to `start-thread.cts`; `id` is a number for the process. */
export type StarterCommand =
  | { readonly kind: "start"; readonly id: number; readonly start: ProcessStart }
  | { readonly kind: "send"; readonly id: number; readonly message: Uint8Array }
  | { readonly kind: "kill"; readonly id: number };

/** Message from `start-thread.cts` about one of its processes. */
export type StarterReport =
  | { readonly kind: "loaded" }
  | { readonly kind: "event"; readonly id: number; readonly event: ProcessEvent };
