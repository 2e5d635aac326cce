/**
 * What the rest of Keepsake knows of the database: SQL functions that are called by name, over a PostgreSQL connection
 * or over the Data API. Their branches are in `keepsake.call`.
 */
export interface Database extends AsyncDisposable {
  /** For people; holds no key. */
  readonly address: string;
  readonly control: Functions;
  /** On connections of their own, so that nothing else can keep a heartbeat waiting. */
  readonly heartbeats: Functions;
}

export interface Functions {
  /**
   * Calls `keepsake.<functionName>` in a transaction of its own, with its arguments by name: JSON values, bigints and
   * dates. A set answers an array of objects, `out` parameters one object, anything else the value, as JSON.
   * @throws KeepsakeError of the database, or the signal's reason; then the database may still have done it
   */
  readonly call: <Result>(
    functionName: string,
    values: Readonly<Record<string, unknown>>,
    limits?: CallLimits,
  ) => Promise<Result>;
}

export interface CallLimits {
  readonly signal?: AbortSignal;
  /** Default 30. What does not answer in this time is given up. */
  readonly timeoutSeconds?: number;
}
