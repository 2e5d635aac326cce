/**
 * The database over the project's URL and service key alone: each call is one HTTPS request to the Data API, which runs
 * `public.keepsake_call` as the role service_role, in its own transaction.
 */
import { Agent, request } from "undici";

import { openDeadline } from "../async/deadline.js";
import { KeepsakeError } from "../errors.js";
import { createServiceKey, type ServiceKey } from "../http/service-key.js";
import { toDataApiError } from "./data-api-error.js";
import type { CallLimits, Database, Functions } from "./database.js";
import { toJson } from "./json-values.js";

export interface DataApiOptions {
  /** `https://<ref>.supabase.co` */
  readonly projectUrl: string;
  /** The project's legacy JWT (`eyJ…`) or secret key (`sb_secret_…`). */
  readonly serviceKey: string;
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

const connectMilliseconds = 10_000;
const callSeconds = 30;

/** Opens the Data API; the first call sends the first request. Redirects are not followed, so the key goes to the project only. */
export function openDataApi({ projectUrl, serviceKey }: DataApiOptions): Database {
  // A request that finds no idle connection opens a new one, so none waits for the reply to another. Each call has its own
  // deadline, so the agents' time limits are off.
  const openAgent = (): Agent =>
    new Agent({ connect: { timeout: connectMilliseconds }, headersTimeout: 0, bodyTimeout: 0 });
  const key = createServiceKey(serviceKey);
  const control = openAgent();
  const heartbeats = openAgent();
  return {
    address: projectUrl,
    control: createFunctions(control, projectUrl, key),
    heartbeats: createFunctions(heartbeats, projectUrl, key),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([control.destroy(), heartbeats.destroy()]);
    },
  };
}

function createFunctions(agent: Agent, projectUrl: string, key: ServiceKey): Functions {
  const send = async (body: string, signal: AbortSignal): Promise<Reply> => {
    const reply = await request(`${projectUrl}/rest/v1/rpc/keepsake_call`, {
      dispatcher: agent,
      method: "POST",
      headers: {
        ...key.headers(),
        "content-type": "application/json",
        "content-profile": "public",
        accept: "application/json",
        "user-agent": "keepsake",
      },
      body,
      signal,
    });
    const text = await reply.body.text();
    // Results come from our own functions and contain no key; other replies may repeat it.
    return { status: reply.statusCode, text: reply.statusCode === 200 ? text : key.hide(text) };
  };
  return {
    call: async <Result>(
      functionName: string,
      values: Readonly<Record<string, unknown>>,
      limits: CallLimits = {},
    ): Promise<Result> => {
      limits.signal?.throwIfAborted();
      const seconds = limits.timeoutSeconds ?? callSeconds;
      using deadline = openDeadline({ seconds, parent: limits.signal });
      const body = toJson({ function_name: functionName, arguments: values });
      try {
        const reply = await key.send(
          () => send(body, deadline.signal),
          ({ status }) => status === 401 || status === 403,
        );
        return resultOf(reply, projectUrl) as Result;
      } catch (error) {
        limits.signal?.throwIfAborted();
        if (error instanceof KeepsakeError) throw error;
        const why = deadline.isOver() ? `gave no answer in ${seconds} s` : "cannot be reached";
        throw new KeepsakeError(
          "database-unreachable",
          `The Data API at ${projectUrl} ${why}${codeOf(error)}: check SUPABASE_URL and the network.`,
          { cause: error },
        );
      }
    },
  };
}

/** @throws KeepsakeError for a reply that is not a result */
function resultOf({ status, text }: Reply, address: string): unknown {
  if (status === 204) return null;
  if (status === 200) {
    try {
      return JSON.parse(text);
    } catch {
      // The reply is a page of another server.
    }
  }
  throw toDataApiError(status, text, address);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && !code.startsWith("ABORT") ? ` (${code})` : "";
}
