import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import { type SeedCommand, seed as seedCommands, seededOrders, toDecimal } from '@kiroku/shop';
import { request } from 'undici';

export interface SeedOptions {
  /** The gateway's GraphQL endpoint, e.g. `http://127.0.0.1:4000/graphql`. */
  readonly graphqlUrl: string;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Milliseconds for the orders to be confirmed or cancelled. Default 30,000. */
  readonly settleTimeoutMs?: number;
}

/** Fills the shop through its public API and waits until its orders are settled. May be repeated: each command takes effect once. */
export async function seed({ graphqlUrl, onProgress, settleTimeoutMs = 30_000 }: SeedOptions): Promise<void> {
  const total = seedCommands.length;
  let done = 0;
  let position = '0';
  for (const command of seedCommands) {
    position = await send(graphqlUrl, command);
    done++;
    onProgress?.({ done, total });
  }
  await untilSettled(graphqlUrl, position, Date.now() + settleTimeoutMs);
}

/** Sends a command as its mutation and returns the position it reached. */
async function send(graphqlUrl: string, command: SeedCommand): Promise<string> {
  const { type, id, data } = command;
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  const query = `mutation($input: ${type}Input!) { ${field}(input: $input) { position } }`;
  const input = {
    ...data,
    ...('price' in data && { price: { amount: toDecimal(data.price), currency: data.price.currency } }),
    commandId: id,
  };
  const answer = await graphql<Record<string, { readonly position: string }>>(graphqlUrl, query, { input });
  return answer[field]?.position ?? '0';
}

async function untilSettled(graphqlUrl: string, position: string, deadline: number): Promise<void> {
  const fields = seededOrders.map((id, index) => `o${index}: order(id: "${id}", atLeast: "${position}") { status }`);
  for (;;) {
    const orders = await graphql<Record<string, { readonly status: string } | null>>(graphqlUrl, `{ ${fields.join(' ')} }`, {});
    const open = Object.values(orders).filter((order) => order?.status === 'PLACED').length;
    if (open === 0) return;
    if (Date.now() > deadline) {
      throw new KirokuError(
        'ServiceUnavailable',
        `${open} of the seeded orders are still being fulfilled. See that the command service runs; they go on by themselves.`,
      );
    }
    await sleep(100);
  }
}

async function graphql<T>(url: string, query: string, variables: object): Promise<T> {
  const { body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-actor': 'seed' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await body.json()) as { readonly data?: T; readonly errors?: readonly { readonly message: string }[] }; // the GraphQL response format
  const [error] = answer.errors ?? [];
  if (error !== undefined || answer.data === undefined) {
    throw new KirokuError('BadRequest', `The shop cannot be filled: ${error?.message ?? 'the gateway gave no data'}`);
  }
  return answer.data;
}
