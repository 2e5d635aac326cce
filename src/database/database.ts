/**
 * The interface of the database for the rest of Keepsake: SQL functions that are called by name, over a PostgreSQL
 * connection or over the Data API. `keepsake.call` has one branch for each function.
 */
export interface Database extends AsyncDisposable {
  /** Address for messages to people, without user and password. */
  readonly address: string;
  readonly control: Functions;
  /** Heartbeats have their own connections, so that no other call can delay them. */
  readonly heartbeats: Functions;
}

export interface Functions {
  /**
   * Calls `keepsake.<functionName>` in its own transaction, with named arguments: JSON values, bigints and dates. The
   * result is JSON: an array of objects for a set, an object for `out` parameters, otherwise the value.
   * @throws KeepsakeError errors of the database; the signal's reason. The database may have executed the call even then.
   */
  readonly call: <Result>(
    functionName: string,
    values: Readonly<Record<string, unknown>>,
    limits?: CallLimits,
  ) => Promise<Result>;
}

export interface CallLimits {
  readonly signal?: AbortSignal;
  /** Seconds until an unanswered call fails. Default: 30. */
  readonly timeoutSeconds?: number;
}
