/** What `spawn-process.cts`, which is CommonJS, takes and tells. */

/** All that a process needs to be started; it can be sent to another thread. */
export interface ProcessStart {
  /** After the program, which is Node. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Of one answer, before the process is killed. */
  readonly maxAnswerBytes: number;
}

export interface ProcessEnd {
  /** Why it could not be started; null when it was. */
  readonly failure: string | null;
  readonly code: number | null;
  readonly signalName: NodeJS.Signals | null;
  /** The last that it wrote on standard error. */
  readonly stderrTail: string;
}

/** What becomes known of a process, in the order in which it happens; the end is last and comes for certain. */
export type ProcessEvent =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "answers"; readonly lines: readonly string[] }
  /** It said more than it may, and has been killed. */
  | { readonly kind: "flood" }
  | { readonly kind: "end"; readonly end: ProcessEnd };

export interface SpawnedProcess {
  send(order: Uint8Array): void;
  /** Kills the process and all that it started. */
  kill(): void;
}

/** It inherits what the thread that calls it has given up. */
export type SpawnProcess = (start: ProcessStart, tell: (event: ProcessEvent) => void) => SpawnedProcess;

/** To `start-thread.cts`; numbers name processes. */
export type StarterOrder =
  | { readonly kind: "start"; readonly id: number; readonly start: ProcessStart }
  | { readonly kind: "send"; readonly id: number; readonly order: Uint8Array }
  | { readonly kind: "kill"; readonly id: number };

/** From it: what becomes of its processes. */
export interface StarterReport {
  readonly id: number;
  readonly event: ProcessEvent;
}
