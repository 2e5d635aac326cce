import { lookup as lookUp, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";

import { refused } from "./check-url.js";
import { isPublicAddress } from "./public-address.js";

/**
 * Resolves a name for a connection and gives its addresses only if every one of them is public, so the connection
 * goes to an address that was checked and no second resolution comes between.
 *
 * @param resolve the system's resolver, or another one of the same shape
 */
export function guardLookup(resolve: LookupFunction = lookUp): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "");
      const addresses = found as LookupAddress[];
      if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(refused("its name leads into a private network"), "");
      }
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? "", first?.family);
    });
  };
}
