import { kiroku, type RunningShop } from '../shop/running-shop.ts';

/** An order as the log has it. */
export interface OrderBook {
  status: 'placed' | 'confirmed' | 'cancelled';
  readonly total: number;
  readonly pieces: Readonly<Record<string, number>>;
  /** Only a fault can keep it from being confirmed: it is in stock, the payment is not declined, and no customer cancelled it. */
  couldComplete: boolean;
}

/** What the log amounts to, folded without any code of the shop. */
export interface ShopBooks {
  readonly orders: ReadonlyMap<string, OrderBook>;
  /** Pieces that are reserved of each product. */
  readonly reserved: Readonly<Record<string, number>>;
  /** Positions of the events, as they came. */
  readonly positions: readonly number[];
}

interface LoggedEvent {
  readonly position: number;
  readonly type: string;
  readonly metadata: { readonly actor?: string };
  readonly data: {
    readonly orderId: string;
    readonly productId: string;
    readonly quantity: number;
    readonly total: { readonly amount: number };
    readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
    readonly paymentToken: string;
    readonly reason: string;
  };
}

/** Reads the whole log. Throws if an order was placed, confirmed or cancelled twice. */
export async function readShopBooks(shop: RunningShop): Promise<ShopBooks> {
  const { stdout } = await kiroku(shop, 'events', 'tail', '--from-position', '1', '--limit', '10000000', '--json');
  const orders = new Map<string, OrderBook>();
  const reserved: Record<string, number> = {};
  const positions: number[] = [];
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const event: LoggedEvent = JSON.parse(line);
    positions.push(event.position);
    addOrder(orders, event);
    const { productId, quantity } = event.data;
    if (event.type === 'StockReserved') reserved[productId] = (reserved[productId] ?? 0) + quantity;
    if (event.type === 'StockReleased') reserved[productId] = (reserved[productId] ?? 0) - quantity;
  }
  return { orders, reserved, positions };
}

function addOrder(orders: Map<string, OrderBook>, { type, data, metadata }: LoggedEvent): void {
  if (type === 'OrderPlaced') {
    if (orders.has(data.orderId)) throw new Error(`The order ${data.orderId} was placed twice.`);
    const pieces = Object.fromEntries(data.lines.map(({ productId, quantity }) => [productId, quantity]));
    const couldComplete = !data.paymentToken.startsWith('decline-');
    orders.set(data.orderId, { status: 'placed', total: data.total.amount, pieces, couldComplete });
  }
  if (type !== 'OrderConfirmed' && type !== 'OrderCancelled') return;
  const order = orders.get(data.orderId);
  if (order?.status !== 'placed') throw new Error(`${type} of ${data.orderId}, which is ${order?.status ?? 'unknown'}.`);
  order.status = type === 'OrderConfirmed' ? 'confirmed' : 'cancelled';
  const byCustomer = metadata.actor?.startsWith('process-manager:') !== true;
  if (type === 'OrderCancelled' && (byCustomer || /\d wanted, \d+ available/.test(data.reason))) order.couldComplete = false;
}
