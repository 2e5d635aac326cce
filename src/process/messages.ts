/** What parent and child say to each other over the IPC channel. */
export interface ParentMessage<Input> {
  readonly type: "run";
  readonly input: Input;
}

export type ChildMessage<Output, Progress> =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly output: Output }
  | {
      readonly type: "failed";
      readonly error: { readonly code: string; readonly message: string; readonly stack: string };
    };
