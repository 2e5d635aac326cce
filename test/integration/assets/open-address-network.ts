import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** An untrusted address, with the answers of the resolver for its names. */
export interface AddressCase {
  readonly name: string;
  /** `{port}` is the server's, `{path}` what it is asked for. */
  readonly url: string;
  /** The list of allowed hosts. */
  readonly allowed?: readonly string[];
  /** See `dns-server.mjs`. */
  readonly answers?: Readonly<Record<string, readonly (readonly string[] | string)[]>>;
  /** Reached by a redirect from a public page. */
  readonly redirected?: boolean;
  readonly serve?: "file" | "half";
}

export interface AddressResult {
  /** The code of the error, or `fetched`. */
  readonly code: string;
  readonly message?: string;
  readonly sizeBytes?: number;
  /** The requests that reached the server, each with the address they reached, without those for the redirecting page. */
  readonly arrivals: readonly { readonly at: string; readonly path: string; readonly host: string }[];
}

export interface NetworkReport {
  readonly results: readonly AddressResult[];
  /** Connections to the proxy that the environment names. */
  readonly proxied: number;
  readonly questions: readonly string[];
}

const program = fileURLToPath(new URL("address-network.mjs", import.meta.url));

// Every address is made this machine's own; the resolver asks the DNS server there.
const enter = `
  set -e
  ip link set lo up
  ip route add local 0.0.0.0/0 dev lo
  ip -6 route add local ::/0 dev lo
  mount -t tmpfs none /mnt
  echo 'nameserver 127.0.0.1' > /mnt/resolv.conf
  echo 'options timeout:30 attempts:1' >> /mnt/resolv.conf
  echo 'hosts: files dns' > /mnt/nsswitch.conf
  echo '127.0.0.1 localhost' > /mnt/hosts
  for name in resolv.conf nsswitch.conf hosts; do mount --bind "/mnt/$name" "/etc/$name"; done
  exec "$@"`;
const namespace = ["--user", "--map-root-user", "--net", "--mount", "sh", "-c", enter, "enter"];

/** Returns true when this user may create a separate network. */
export function canHaveOwnNetwork(): boolean {
  return spawnSync("unshare", [...namespace, "true"], { stdio: "ignore" }).status === 0;
}

export async function runInAddressNetwork(
  cases: readonly AddressCase[],
  { ownNetwork, guarded }: { readonly ownNetwork: boolean; readonly guarded: boolean },
): Promise<NetworkReport> {
  const command = [
    process.execPath,
    program,
    ...(ownNetwork ? ["--own-network"] : []),
    ...(guarded ? [] : ["--without-guard"]),
  ];
  const [file = "", ...rest] = ownNetwork ? ["unshare", ...namespace, ...command] : command;
  const child = spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify(cases));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (out === "") throw new Error(`The program in the network did not report: ${err}`);
  return JSON.parse(out) as NetworkReport;
}
