import { once } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls } from "node:tls";

import { KeepsakeError } from "../errors.js";
import type { ConnectionTarget } from "./connection-options.js";

/** Message SSLRequest (code 80877103): https://www.postgresql.org/docs/current/protocol-message-formats.html */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const connectSeconds = 10;

/**
 * Opens a socket to the database, with TLS if the target requires it, by PostgreSQL's own negotiation. The driver's
 * negotiation treats some replies that decline TLS as acceptance, checks names wrongly where the host is an address, and
 * has no error messages that help to fix either.
 * @throws KeepsakeError `database-refused` when the server offers no TLS; otherwise the error of the network or of TLS, or
 *   the signal's reason
 */
export async function connectSocket(target: ConnectionTarget, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const tcp = connectTcp({ host: target.host, port: target.port, noDelay: true });
  let current = tcp;
  const timer = setTimeout(() => {
    const error = new Error(`no connection in ${connectSeconds} s`);
    current.destroy(Object.assign(error, { code: "CONNECT_TIMEOUT" }));
  }, connectSeconds * 1000);
  const onAbort = (): void => void current.destroy(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await once(tcp, "connect");
    if (target.tls.use === "never" || !(await offersTls(tcp, target))) return tcp;
    current = startTls(tcp, target);
    await once(current, "secureConnect");
    return current;
  } catch (error) {
    current.destroy();
    tcp.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

async function offersTls(tcp: Socket, { tls, address }: ConnectionTarget): Promise<boolean> {
  tcp.write(sslRequest);
  const closed = new AbortController();
  const onEnd = (): void => closed.abort();
  tcp.once("end", onEnd);
  let answer: Buffer;
  try {
    [answer] = (await once(tcp, "data", { signal: closed.signal })) as [Buffer];
  } catch (error) {
    if (!closed.signal.aborted) throw error;
    throw Object.assign(new Error("closed during the negotiation of TLS"), { code: "CONNECTION_CLOSED" });
  } finally {
    tcp.off("end", onEnd);
  }
  // A longer answer before TLS starts was inserted by a third party on the network (CVE-2021-23222).
  if (answer.length === 1 && answer.toString("latin1") === "S") return true;
  if (answer.length === 1 && answer.toString("latin1") === "N") {
    if (tls.use === "if-offered") return false;
    throw new KeepsakeError(
      "database-refused",
      `The database at ${address} offers no TLS, but the sslmode of DATABASE_URL requires it: turn TLS on at the server, or leave out sslmode in a private network.`,
    );
  }
  throw Object.assign(new Error("the server did not answer like PostgreSQL"), { code: "PROTOCOL_VIOLATION" });
}

function startTls(tcp: Socket, { tls, host }: ConnectionTarget): Socket {
  const checked = tls.use === "checked" ? tls : null;
  return connectTls({
    socket: tcp,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: checked !== null,
    ...(checked?.authorities != null && { ca: checked.authorities }),
    checkServerIdentity: (_name, certificate) =>
      checked?.checkName === true ? checkServerIdentity(host, certificate) : undefined,
  });
}
