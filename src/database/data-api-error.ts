import { KeepsakeError, type ErrorCode } from "../errors.js";
import { explainState } from "./database-error.js";

/** An error of the database or of PostgREST: https://docs.postgrest.org/en/stable/references/errors.html */
interface Refusal {
  /** A SQLSTATE, or `PGRST` and three digits. */
  readonly code: string;
  readonly message: string;
}

const refused =
  "refused the key: set SUPABASE_SERVICE_ROLE_KEY to the project's secret key (sb_secret_…) or its service_role key";

/** What PostgREST says itself, or a gateway before it, by the code and the HTTP status. */
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
    "does not show the schema public: expose it in the project's settings of the Data API, or set DATABASE_URL",
  ],
  [/^PGRST00[012]/, "database-unreachable", "does not reach its database"],
  [/^PGRST003/, "database-busy", "has no connection to its database free"],
  [/^PGRST3| (401|403)$/, "database-refused", refused],
  [/^PGRST/, "database-error", "did not take our request"],
  [/ 429$/, "database-busy", "has had too many requests"],
  [/ (408|5\d\d)$/, "database-unreachable", "is not there at the moment"],
];

/** What a reply without a result means. Its cause has the SQLSTATE as `code`, as the driver's errors do. */
export function toDataApiError(status: number, text: string, address: string): KeepsakeError {
  const refusal = readRefusal(text);
  const cause = new Error(refusal?.message ?? `HTTP ${status}`);
  if (refusal !== null && /^[\dA-Z]{5}$/.test(refusal.code)) {
    Object.assign(cause, { code: refusal.code });
    // The role that a key stands for lacks a right: it is the key of a visitor.
    if (refusal.code === "42501") return explain("database-refused", refused, refusal.message);
    return explainState(refusal.code, cause, address);
  }
  const told = `${refusal?.code ?? ""} ${status}`;
  for (const [codes, code, sentence] of meanings) {
    if (codes.test(told)) return explain(code, sentence, refusal?.message ?? `HTTP ${status}`);
  }
  return explain("database-refused", "does not answer as one: check SUPABASE_URL", `HTTP ${status}`);

  function explain(code: ErrorCode, sentence: string, detail: string): KeepsakeError {
    return new KeepsakeError(code, `The Data API at ${address} ${sentence} (${detail}).`, { cause });
  }
}

function readRefusal(text: string): Refusal | null {
  try {
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown };
    const words = typeof message === "string" ? message : "no reason given";
    return { code: typeof code === "string" ? code : "", message: words };
  } catch {
    return null;
  }
}
