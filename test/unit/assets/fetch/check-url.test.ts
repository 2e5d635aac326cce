import { describe, expect, it } from "vitest";

import { checkUrl } from "../../../../dist/assets/fetch/check-url.js";

const rules = {
  allowedHosts: ["media.example.org", "*.cdn.example.net", "odd.example.org:8443"],
  ownOrigin: "http://127.0.0.1:54321",
};

describe("checkUrl", () => {
  it.each([
    "https://media.example.org/a.jpg",
    "http://media.example.org/a.jpg?token=1",
    "https://MEDIA.example.org/a.jpg",
    "https://media.example.org./a.jpg",
    "https://eu.cdn.example.net/a.jpg",
    "https://a.b.cdn.example.net/a.jpg",
    "https://odd.example.org:8443/a.jpg",
  ])("allows %s at public addresses only", (reference) => {
    expect(checkUrl(reference, rules).publicOnly).toBe(true);
  });

  it("allows the project's own origin on loopback", () => {
    expect(checkUrl("http://127.0.0.1:54321/anything", rules)).toMatchObject({ publicOnly: false });
  });

  it.each([
    "http://127.0.0.1:54322/other-port",
    "https://127.0.0.1:54321/other-scheme",
    "http://localhost:54321/other-name",
    "https://example.org/a.jpg",
    "https://evil-media.example.org/a.jpg",
    "https://media.example.org.evil.net/a.jpg",
    "https://cdn.example.net/a.jpg",
    "https://media.example.org:8443/a.jpg",
    "https://odd.example.org/a.jpg",
    "https://user:secret@media.example.org/a.jpg",
    "ftp://media.example.org/a.jpg",
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "//media.example.org/a.jpg",
    "photo.jpg",
    "../../etc/passwd",
    "",
  ])("rejects %s", (reference) => {
    expect(() => checkUrl(reference, rules)).toThrow(
      expect.objectContaining({ code: "media-address-refused" }),
    );
  });

  it.each([
    "http://169.254.169.254/latest",
    "http://[::1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::ffff:7f00:1]/",
  ])("rejects a private address even if an operator allows it: %s", (reference) => {
    const allowedHosts = [new URL(reference).hostname];
    expect(() => checkUrl(reference, { allowedHosts, ownOrigin: null })).toThrow("private network");
  });

  it("resolves a relative redirect against the address that redirected", () => {
    const base = new URL("https://media.example.org/old/a.jpg");
    expect(checkUrl("../new.jpg", rules, base).url.href).toBe("https://media.example.org/new.jpg");
    expect(() => checkUrl("//169.254.169.254/x", rules, base)).toThrow("private network");
    expect(() => checkUrl("//example.org/x", rules, base)).toThrow("not allowed");
  });
});
