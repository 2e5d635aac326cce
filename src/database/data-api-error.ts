import { KeepsakeError, type ErrorCode } from "../errors.js";
import { explainState } from "./database-error.js";

/** An error of the database or of PostgREST: https://docs.postgrest.org/en/stable/references/errors.html */
interface ErrorResponse {
  /** SQLSTATE, or `PGRST` and three digits. */
  readonly code: string;
  readonly message: string;
}

const rejectedKey =
  "rejected the key: set SUPABASE_SERVICE_ROLE_KEY to the project's secret key (sb_secret_…) or its service_role key";

/** Meanings of errors of PostgREST itself, or of a gateway before it, by code and HTTP status. */
const meanings: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /^PGRST202/,
    "schema-missing",
    "has no function keepsake_call: run the SQL of `keepsake migrate --print` in the project's SQL editor. " +
      "If it was run just now, run `notify pgrst, 'reload schema'` too",
  ],
  [
    /^PGRST106/,
    "database-refused",
    "does not expose the schema public: add it in the project's settings of the Data API, or set DATABASE_URL",
  ],
  [/^PGRST00[012]/, "database-unreachable", "does not reach its database"],
  [/^PGRST003/, "database-busy", "has no free connection to its database"],
  [/^PGRST3| (401|403)$/, "database-refused", rejectedKey],
  [/^PGRST/, "database-error", "rejected our request"],
  [/ 429$/, "database-busy", "received too many requests"],
  [/ (408|5\d\d)$/, "database-unreachable", "is not available at the moment"],
];

/** Translates a reply without a result. The error's cause has the SQLSTATE as `code`, like the errors of the driver. */
export function toDataApiError(status: number, text: string, address: string): KeepsakeError {
  const response = parseErrorResponse(text);
  const cause = new Error(response?.message ?? `HTTP ${status}`);
  if (response !== null && /^[\dA-Z]{5}$/.test(response.code)) {
    Object.assign(cause, { code: response.code });
    // The role of the key lacks a privilege, so it is the key for browsers (anon), not the service key.
    if (response.code === "42501") return explain("database-refused", rejectedKey, response.message);
    return explainState(response.code, cause, address);
  }
  const signature = `${response?.code ?? ""} ${status}`;
  for (const [codes, code, sentence] of meanings) {
    if (codes.test(signature)) return explain(code, sentence, response?.message ?? `HTTP ${status}`);
  }
  return explain("database-refused", "does not answer like a Data API: check SUPABASE_URL", `HTTP ${status}`);

  function explain(code: ErrorCode, sentence: string, detail: string): KeepsakeError {
    return new KeepsakeError(code, `The Data API at ${address} ${sentence} (${detail}).`, { cause });
  }
}

function parseErrorResponse(text: string): ErrorResponse | null {
  try {
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown };
    const reason = typeof message === "string" ? message : "no reason given";
    return { code: typeof code === "string" ? code : "", message: reason };
  } catch {
    return null;
  }
}
