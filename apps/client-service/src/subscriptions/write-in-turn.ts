import type { WebSocket } from 'ws';

/** Bytes that may wait for a client to read them. */
const mostWaiting = 1_048_576;

/**
 * Writes to a client, and resolves when it is on its way. While much waits to be read, nothing more is taken from the client: each of its messages
 * leads to an answer, and those that are not read would fill the memory.
 */
export function writeInTurn(socket: WebSocket, write: (written: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    write(() => {
      if (socket.isPaused && socket.bufferedAmount <= mostWaiting) socket.resume();
      resolve(); // also of what could not be written, which closes the socket
    });
    if (socket.bufferedAmount > mostWaiting) socket.pause();
  });
}
