import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, errorKinds, isKirokuError, KirokuError } from '@kiroku/core';

/** What is asked of a supervisor that runs. */
export interface RestartRequest {
  readonly verb: 'restart';
  readonly service: string;
  /** From nothing, as this says; otherwise as the run before was started. */
  readonly recreate?: { readonly entry: string; readonly env: { readonly [name: string]: string } };
}

/** Begins or ends to keep the write-ahead log of the embedded server, as continuous.json says. */
export interface ArchiveRequest {
  readonly verb: 'archive';
}

/** Stops all, puts one cluster in the place of another, and starts all again. Paths within the home of the embedded server. */
export interface ExchangeRequest {
  readonly verb: 'exchange clusters';
  readonly incoming: string;
  readonly aside: string;
}

export type SupervisorRequest = RestartRequest | ArchiveRequest | ExchangeRequest;

/** What a restart did. */
export interface Restarted {
  readonly service: string;
  /** Of the run before; absent if it was down. */
  readonly before?: number;
  readonly pid: number;
  /** It did not stop in time by itself. */
  readonly killed: boolean;
  /** Where its old logs are now. */
  readonly logsPutAside?: string;
  /** From the request until it was ready, seconds. */
  readonly seconds: number;
}

/** What a request is answered with. */
export type ResultOf<Request extends SupervisorRequest> = Request extends RestartRequest ? Restarted : Record<string, never>;

type Handler = (request: SupervisorRequest) => Promise<ResultOf<SupervisorRequest>>;
type Answer<Request extends SupervisorRequest = SupervisorRequest> =
  | { readonly result: ResultOf<Request> }
  | { readonly fault: { readonly code: string; readonly message: string } };

// 107 bytes is what the address of a socket may have
const longestPath = 100;
const longestRequest = 256 * 1024;
const mostToAnswerMs = 1_000;

/** Where a supervisor can be asked: a socket in a directory that only its user may enter. */
export class ControlChannel implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
  }

  /** Listens; each request is answered with what `handle` returns, or the fault that it throws. */
  static async open(dataDirectory: string, handle: Handler): Promise<ControlChannel> {
    const path = await socketPath(dataDirectory);
    const server = createServer({ allowHalfOpen: true });
    const channel = new ControlChannel(path, server);
    server.on('connection', (socket) => {
      channel.#sockets.add(socket);
      socket.once('close', () => channel.#sockets.delete(socket)).on('error', () => socket.destroy());
      void answer(socket, handle);
    });
    server.listen(path);
    await once(server, 'listening');
    return channel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await setImmediate(); // what was just decided is answered still
    await Promise.all([...this.#sockets].map(endSocket));
    await new Promise<void>((closed) => this.#server.close(() => closed()));
    await rm(dirname(this.path), { recursive: true, force: true });
  }
}

async function endSocket(socket: Socket): Promise<void> {
  if (socket.writableEnded && !socket.writableFinished) await Promise.race([once(socket, 'close'), sleep(mostToAnswerMs)]);
  socket.destroy();
}

/** Asks the supervisor that listens there. Throws the fault it tells of; `ServiceUnavailable` if there is none. */
export async function askSupervisor<Request extends SupervisorRequest>(path: string, request: Request): Promise<ResultOf<Request>> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    socket.end(JSON.stringify(request));
    const told: Answer<Request> = JSON.parse(await textOf(socket));
    if ('result' in told) return told.result;
    throw new KirokuError(knownCode(told.fault.code), told.fault.message);
  } catch (error) {
    if (isKirokuError(error)) throw error;
    throw new KirokuError(
      'ServiceUnavailable',
      `The supervisor does not answer: it has ended, or was killed. \`kiroku up\` starts everything again.`,
      {
        cause: error,
      },
    );
  } finally {
    socket.destroy();
  }
}

async function socketPath(dataDirectory: string): Promise<string> {
  const directory = join(dataDirectory, 'control');
  const path = join(directory, 'supervisor.sock');
  if (Buffer.byteLength(path) > longestPath) return join(await mkdtemp(join(tmpdir(), 'kiroku-')), 'supervisor.sock');
  await mkdir(directory, { mode: 0o700, recursive: true });
  await chmod(directory, 0o700);
  await rm(path, { force: true }); // of one that was killed: we hold the lock of the directory
  return path;
}

async function answer(socket: Socket, handle: Handler): Promise<void> {
  let told: Answer;
  try {
    told = { result: await handle(JSON.parse(await textOf(socket))) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    told = { fault: { code: isKirokuError(error) ? error.code : 'Internal', message } };
  }
  socket.end(JSON.stringify(told));
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  // iterated to its end, a socket would be destroyed before it is answered
  for await (const chunk of socket.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.length > longestRequest) throw new KirokuError('BadRequest', 'The request is too long.');
  }
  return text;
}

function knownCode(code: string): ErrorCode {
  return Object.hasOwn(errorKinds, code) ? (code as ErrorCode) : 'Internal'; // checked just now
}
