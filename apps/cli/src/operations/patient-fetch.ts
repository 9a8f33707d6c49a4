/** `fetch` that waits for an answer until its signal ends it: by itself it would give up after 300 seconds. */
export async function patientFetch(request: Request, { signal }: { readonly signal: AbortSignal }): Promise<Response> {
  const { Agent } = await import('undici');
  // Node's types know only the dispatcher of the undici that Node has
  const init: object = { signal, dispatcher: new Agent({ headersTimeout: 0, bodyTimeout: 0 }) };
  return fetch(request, init);
}
