import { lookup as lookUp, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";

import { addressRejected } from "./check-url.js";
import { isPublicAddress } from "./public-address.js";

/**
 * Creates a resolver for connections that returns the addresses of a name only if all of them are public. The connection
 * goes to an address that was checked, because the name is not resolved a second time.
 *
 * @param resolve the system's resolver, or another one with the same interface
 */
export function guardLookup(resolve: LookupFunction = lookUp): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "");
      const addresses = found as LookupAddress[];
      if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(addressRejected("its name leads into a private network"), "");
      }
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? "", first?.family);
    });
  };
}
