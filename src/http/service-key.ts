/**
 * Sends a project's service key as supabase-js does: in both headers, of which Supabase's gateway drops the second for
 * a secret key. A server without that gateway takes the second for a broken JWT, and is asked again without it.
 */
export interface ServiceKey {
  /** Headers of the next request. */
  headers(): Record<string, string>;
  /** Takes the key out of an answer: a proxy's page may say again what it was sent. */
  hide(text: string): string;
  /** Sends a request that can be sent twice. */
  ask<Reply>(send: () => Promise<Reply>, isRefused: (reply: Reply) => boolean): Promise<Reply>;
}

/** @param key a secret key (`sb_secret_…`) or a legacy JWT (`eyJ…`), which needs both headers */
export function createServiceKey(key: string): ServiceKey {
  const isSecretKey = key.startsWith("sb_");
  let withBearer = true;
  return {
    headers: () => (withBearer ? { apikey: key, authorization: `Bearer ${key}` } : { apikey: key }),
    hide: (text) => text.replaceAll(key, "(the key)"),
    ask: async (send, isRefused) => {
      // Of several requests at once the first refusal changes it for all.
      const sentBearer = withBearer;
      const reply = await send();
      if (!isSecretKey || !sentBearer || !isRefused(reply)) return reply;
      withBearer = false;
      const second = await send();
      if (isRefused(second)) withBearer = true;
      return second;
    },
  };
}
