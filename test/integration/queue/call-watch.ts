/** The moments of a call at which its connection is lost. In the first two the call is not executed, in the others it is. */
export const losses = [
  "before the request",
  "in the request",
  "before the reply",
  "in the reply",
  "silently, before the reply",
] as const;

export type Loss = (typeof losses)[number];

/** Reads along on one connection, message by message, and loses it where that is planned. */
export interface CallWatch {
  readonly request: (data: Buffer) => void;
  readonly reply: (data: Buffer) => void;
}

export interface CallWatchOptions {
  /** Returns how to lose the connection at this call, or null. */
  readonly takes: (functionName: string) => { loss: Loss; done: () => void } | null;
  readonly toServer: (data: Buffer) => void;
  readonly toClient: (data: Buffer) => void;
  readonly reset: () => void;
}

/**
 * A call is a Bind message whose first parameter is the function's name; its reply ends with ReadyForQuery, which the
 * server sends when the transaction is committed.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function createCallWatch({ takes, toServer, toClient, reset }: CallWatchOptions): CallWatch {
  const requests = createFraming("startup");
  const replies = createFraming("typed");
  let losing: { loss: Loss; done: () => void } | null = null;
  let over = false;
  let withheld: Buffer[] = [];
  const end = (): void => {
    over = true;
    reset();
    losing?.done();
  };
  const request = (message: Buffer): void => {
    if (over) return;
    const functionName = message[0] === 0x42 ? firstParameter(message) : null;
    if (functionName !== null) losing ??= takes(functionName);
    if (losing?.loss === "before the request") end();
    else if (losing?.loss === "in the request") {
      toServer(message.subarray(0, message.length >> 1));
      end();
    } else toServer(message);
  };
  const reply = (message: Buffer): void => {
    if (over) return;
    if (losing === null) {
      toClient(message);
      return;
    }
    withheld.push(message);
    if (message[0] !== 0x5a) return;
    const whole = Buffer.concat(withheld);
    withheld = [];
    if (losing.loss === "silently, before the reply") {
      over = true;
      losing.done();
    } else {
      if (losing.loss === "in the reply") toClient(whole.subarray(0, whole.length >> 1));
      setImmediate(end);
    }
  };
  return {
    request: (data) => {
      for (const message of requests(data)) request(message);
    },
    reply: (data) => {
      for (const message of replies(data)) reply(message);
    },
  };
}

/** Cuts a stream into messages: a type and a length that counts itself; the startup message has no type. */
function createFraming(first: "startup" | "typed"): (data: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  let typed = first === "typed";
  return (data) => {
    const messages: Buffer[] = [];
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const at = typed ? 1 : 0;
      if (rest.length < at + 4) return messages;
      const length = at + rest.readUInt32BE(at);
      if (rest.length < length) return messages;
      messages.push(rest.subarray(0, length));
      rest = rest.subarray(length);
      typed = true;
    }
  };
}

function firstParameter(bind: Buffer): string | null {
  const portalEnd = bind.indexOf(0, 5);
  let at = bind.indexOf(0, portalEnd + 1) + 1;
  at += 2 + 2 * bind.readUInt16BE(at);
  if (bind.readUInt16BE(at) === 0) return null;
  const length = bind.readInt32BE(at + 2);
  return length < 0 ? null : bind.toString("utf8", at + 6, at + 6 + length);
}
