import { describe, expect, it } from "vitest";

import { privateCases, publicCases, rebindingCases, redirected, trickCases } from "./hostile-addresses.js";
import {
  canHaveOwnNetwork,
  runInAddressNetwork,
  type AddressCase,
  type AddressResult,
} from "./open-address-network.js";

const front = { "front.example.net": [["93.184.216.34"]] };
/** In a page at an http address, this would be a path on the same host. */
const withoutSlashes: AddressCase = {
  name: "without slashes",
  url: "http:127.0.0.1:{port}/{path}",
  allowed: ["127.0.0.1:{port}"],
};
const hostile = [
  withoutSlashes,
  ...privateCases,
  ...redirected(privateCases),
  ...trickCases,
  ...redirected(trickCases),
];

function expectRefused(cases: readonly AddressCase[], results: readonly AddressResult[]): void {
  const wrong = results.flatMap((result, index) =>
    result.code === "media-address-refused" && result.arrivals.length === 0
      ? []
      : [{ name: cases[index]?.name, ...result }],
  );
  expect(wrong).toEqual([]);
  expect(results.length).toBe(cases.length);
}

describe("untrusted addresses", () => {
  it("are rejected without a connection when they lead into the network", async () => {
    const { results, proxied } = await runInAddressNetwork(hostile, { ownNetwork: false, guarded: true });
    expectRefused(hostile, results);
    expect(proxied).toBe(0);
  });

  it("are unreachable when no name server answers", async () => {
    const cases = ["NXDOMAIN", "SERVFAIL"].map((said) => ({
      name: said,
      url: `http://${said.toLowerCase()}.example.net:{port}/{path}`,
      allowed: [`${said.toLowerCase()}.example.net:{port}`],
      answers: { [`${said.toLowerCase()}.example.net`]: [said] },
    }));
    const { results } = await runInAddressNetwork(cases, { ownNetwork: false, guarded: true });
    expect(results.map(({ code }) => code)).toEqual(["media-unreachable", "media-unreachable"]);
  });
});

const ownNetwork = canHaveOwnNetwork();

describe.runIf(ownNetwork)("untrusted addresses in a network where every address answers", () => {
  it("would be reached without the check", async () => {
    const direct = privateCases.map((one) => ({ ...one, answers: { ...one.answers, ...front } }));
    const { results } = await runInAddressNetwork(direct, { ownNetwork: true, guarded: false });
    const missed = results.flatMap(({ arrivals }, index) =>
      arrivals.length > 0 ? [] : [direct[index]?.name ?? ""],
    );
    // The system itself makes no connection to these.
    expect(missed.filter((name) => !/multicast|broadcast|fe80|ff0[2e]/.test(name))).toEqual([]);
    expect(direct.length - missed.length).toBeGreaterThan(100);
  });

  it("are rejected without a connection with the system's own resolver, too", async () => {
    const cases = hostile.map((one) => ({ ...one, answers: { ...one.answers, ...front } }));
    const { results, proxied, questions } = await runInAddressNetwork(cases, {
      ownNetwork: true,
      guarded: true,
    });
    expectRefused(cases, results);
    expect(proxied).toBe(0);
    expect(questions).toContain("A mixed-4.example.net");
  });

  it("are reached at the resolved address when they are public, also after a redirect", async () => {
    const cases = [...publicCases, ...redirected(publicCases)].map((one) => ({
      ...one,
      answers: { ...one.answers, ...front },
    }));
    const { results, proxied } = await runInAddressNetwork(cases, { ownNetwork: true, guarded: true });
    const expected = [...publicCases, ...publicCases].map(({ at }) => ["fetched", [at]]);
    expect(results.map(({ code, arrivals }) => [code, arrivals.map((arrival) => arrival.at)])).toEqual(
      expected,
    );
    expect(proxied).toBe(0);
  });

  it("are connected to the first address when the name is rebound", async () => {
    const { results } = await runInAddressNetwork(rebindingCases, { ownNetwork: true, guarded: true });
    const seen = results.map(({ code, arrivals }) => [code, arrivals.map(({ at }) => at)]);
    expect(seen).toEqual(
      rebindingCases.map(({ name }) => [
        "media-address-refused",
        [name.split(": ")[1]?.includes(":") === true ? "2606:4700::1" : "93.184.216.34"],
      ]),
    );
  });
});

it.skipIf(ownNetwork)("cannot test a separate network: unshare or ip do not work", () => {
  expect(ownNetwork).toBe(false);
});
