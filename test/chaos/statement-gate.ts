/**
 * A proxy between workers and PostgreSQL that holds one statement of one capsule: the request before it reaches the
 * server, or the reply. So it holds before or after COMMIT, because each statement of a worker is its own transaction.
 */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface HeldStatement {
  /** Lets the request or the reply pass. Has no effect after `cut`. */
  readonly release: () => void;
  /** Resets the connection, so that the request or the reply never arrives. */
  readonly cut: () => void;
}

export interface StatementGate extends AsyncDisposable {
  /** The URL of the database through the gate. */
  readonly url: string;
  /** Resolves when the first call of `keepsake.<statement>` for the capsule is held. */
  readonly hold: (
    statement: "acquire" | "publish",
    capsuleId: string,
    which: "request" | "reply",
  ) => Promise<HeldStatement>;
  /** Removes the rules of this capsule, so that its statements pass. */
  readonly forget: (capsuleId: string) => void;
}

interface Rule {
  readonly statement: string;
  readonly capsuleId: string;
  readonly which: "request" | "reply";
  readonly onHeld: (held: HeldStatement) => void;
}

export async function openStatementGate(databaseUrl: string): Promise<StatementGate> {
  const target = new URL(databaseUrl);
  const rules = new Set<Rule>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    join(client, upstream, (chunk, lastText) => takeRule(rules, chunk, lastText));
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    hold: (statement, capsuleId, which) =>
      new Promise((onHeld) => rules.add({ statement, capsuleId, which, onHeld })),
    forget: (capsuleId) => {
      for (const rule of rules) if (rule.capsuleId === capsuleId) rules.delete(rule);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function join(
  client: Socket,
  upstream: Socket,
  match: (chunk: Buffer, statementText: string) => Rule | null,
): void {
  let statementText = "";
  let awaitingReply: Rule | null = null;
  const cut = (): void => {
    client.resetAndDestroy();
    upstream.destroy();
  };
  client.on("data", (chunk) => {
    const text = /keepsake\.\w+\(/.exec(chunk.toString("latin1"))?.[0];
    statementText = text ?? statementText;
    const rule = match(chunk, statementText);
    if (rule?.which === "request") {
      client.pause();
      const release = (): void => {
        upstream.write(chunk);
        client.resume();
      };
      rule.onHeld({ release, cut });
      return;
    }
    awaitingReply ??= rule;
    upstream.write(chunk);
  });
  upstream.on("data", (chunk) => {
    if (awaitingReply === null) {
      client.write(chunk);
      return;
    }
    const rule = awaitingReply;
    awaitingReply = null;
    upstream.pause();
    const release = (): void => {
      client.write(chunk);
      upstream.resume();
    };
    rule.onHeld({ release, cut });
  });
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    socket.on("error", () => undefined);
    socket.on("close", () => other.destroy());
  }
}

/**
 * Returns the rule that matches what a client sends, and removes it. A statement is called by its own name, or by
 * `keepsake.call` with the name as a parameter, which follows its length on the wire.
 */
function takeRule(rules: Set<Rule>, chunk: Buffer, statementText: string): Rule | null {
  for (const rule of rules) {
    if (!chunk.includes(rule.capsuleId)) continue;
    const parameter = Buffer.concat([
      Buffer.from([0, 0, 0, rule.statement.length]),
      Buffer.from(rule.statement),
    ]);
    if (statementText !== `keepsake.${rule.statement}(` && !chunk.includes(parameter)) continue;
    rules.delete(rule);
    return rule;
  }
  return null;
}
