import { describe, expect, it } from "vitest";

import { createServiceKey } from "../../../dist/http/service-key.js";

describe("createServiceKey", () => {
  it("repeats each concurrent request without the second header when the server reads a secret key there as a broken token", async () => {
    const key = createServiceKey("sb_secret_0123456789abcdefghijkl");
    const send = async (): Promise<number> =>
      await key.send(
        async () => {
          const status = "authorization" in key.headers() ? 401 : 200;
          await Promise.resolve();
          return status;
        },
        (status) => status === 401,
      );
    expect(await Promise.all([send(), send(), send()])).toEqual([200, 200, 200]);
  });
});

it("removes the key from the error page of a proxy", () => {
  const key = createServiceKey("sb_secret_0123456789abcdefghijkl");
  const page = `not allowed: ${JSON.stringify(key.headers())}`;
  expect(key.hide(page)).toBe('not allowed: {"apikey":"(the key)","authorization":"Bearer (the key)"}');
});
