/** Ways in which a Storage, or what stands before it, misbehaves; each is done to one request of a real server. */
import type { IncomingMessage, ServerResponse } from "node:http";

export type Fault =
  /** The fault answers instead of Storage: a proxy, an overload, a wrong offset. It first reads the body, unless `unread` is set. */
  | {
      readonly answer: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly unread?: true;
    }
  /** Never answers: without having read a byte, having read all, or when the server has done what it was asked. */
  | { readonly hang: "unread" | "read" | "done" }
  /** The connection is reset when so many bytes of the request's body have reached the server. */
  | { readonly cutRequestAt: number }
  /** The server does what it was asked, and the connection is reset when so many bytes of its reply have gone. */
  | { readonly cutReplyAt: number };

type Fits = (request: IncomingMessage) => boolean;
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Does it to the first request that fits, and to as many more as `times` says. */
export function misbehave(fault: Fault, fits: Fits, times: number = 1): Intercept {
  let left = times;
  return (request, response) => {
    if (left === 0 || !fits(request)) return false;
    left -= 1;
    return commit(fault, request, response);
  };
}

/** @returns whether nothing else is to be done with the request */
export function commit(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
  if ("answer" in fault) {
    const answer = (): void =>
      void response.writeHead(fault.answer, { ...fault.headers }).end(fault.body ?? "");
    if (fault.unread === true) answer();
    else request.resume().on("end", answer);
    return true;
  }
  if ("cutRequestAt" in fault) {
    cutRequest(request, fault.cutRequestAt);
    return false;
  }
  if ("cutReplyAt" in fault) {
    cutReply(response, fault.cutReplyAt);
    return false;
  }
  if (fault.hang === "done") {
    response.writeHead = () => response;
    response.write = () => true;
    response.end = () => response;
    return false;
  }
  if (fault.hang === "read") request.resume();
  return true;
}

/** Passes on the bytes before the cut as they arrive. They are read before the connection is reset. */
function cutRequest(request: IncomingMessage, bytes: number): void {
  let left = bytes;
  const push = request.push.bind(request);
  const cutWhenRead = (): void => {
    if (request.readableLength === 0) request.socket.resetAndDestroy();
    else setImmediate(cutWhenRead);
  };
  request.push = (piece: Buffer | null): boolean => {
    if (piece === null || left < 0) return left < 0 ? false : push(piece);
    const part = piece.subarray(0, left);
    left -= piece.length;
    if (left >= 0) return push(part);
    setImmediate(cutWhenRead);
    return part.length > 0 && push(part);
  };
}

function cutReply(response: ServerResponse, bytes: number): void {
  const { socket } = response;
  if (socket === null) throw new Error("the request has no connection");
  let left = bytes;
  const write = socket.write.bind(socket);
  socket.write = (piece: string | Uint8Array, encoding?: unknown): boolean => {
    const all =
      typeof piece === "string" ? Buffer.from(piece, encoding as BufferEncoding) : Buffer.from(piece);
    const part = all.subarray(0, Math.max(0, left));
    left -= all.length;
    if (part.length > 0) write(part);
    if (left <= 0) socket.end(() => socket.destroy());
    return true;
  };
}
