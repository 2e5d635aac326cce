import { describe, expect, it } from "vitest";

import { createServiceKey } from "../../../dist/http/service-key.js";

describe("a secret key at a server that takes it for a broken token in the second header", () => {
  it("is sent again without that header by each of several requests at once", async () => {
    const key = createServiceKey("sb_secret_0123456789abcdefghijkl");
    const ask = async (): Promise<number> =>
      await key.ask(
        async () => {
          const status = "authorization" in key.headers() ? 401 : 200;
          await Promise.resolve();
          return status;
        },
        (status) => status === 401,
      );
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([200, 200, 200]);
  });
});

it("takes the key out of what a proxy's page says again", () => {
  const key = createServiceKey("sb_secret_0123456789abcdefghijkl");
  const page = `not allowed: ${JSON.stringify(key.headers())}`;
  expect(key.hide(page)).toBe('not allowed: {"apikey":"(the key)","authorization":"Bearer (the key)"}');
});
