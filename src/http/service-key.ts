/**
 * Sends a project's service key as supabase-js does: in two headers, of which Supabase's gateway drops the second for a
 * secret key. A server without that gateway reads the second as a broken JWT and rejects it; the request is then sent
 * again without it.
 */
export interface ServiceKey {
  /** Headers of the next request. */
  headers(): Record<string, string>;
  /** Removes the key from a reply's text: the error page of a proxy may repeat the request. */
  hide(text: string): string;
  /** Sends a request, and sends it a second time if its second header was rejected. */
  send<Reply>(request: () => Promise<Reply>, isRejected: (reply: Reply) => boolean): Promise<Reply>;
}

/** @param key a secret key (`sb_secret_…`), or a legacy JWT (`eyJ…`), which needs both headers */
export function createServiceKey(key: string): ServiceKey {
  const isSecretKey = key.startsWith("sb_");
  let withBearer = true;
  return {
    headers: () => (withBearer ? { apikey: key, authorization: `Bearer ${key}` } : { apikey: key }),
    hide: (text) => text.replaceAll(key, "(the key)"),
    send: async (request, isRejected) => {
      // When several requests run at once, the first rejection changes the headers of all later ones.
      const sentBearer = withBearer;
      const reply = await request();
      if (!isSecretKey || !sentBearer || !isRejected(reply)) return reply;
      withBearer = false;
      const second = await request();
      if (isRejected(second)) withBearer = true;
      return second;
    },
  };
}
