import type { CommandOf, Reaction, Rejection, Send } from '@kiroku/core';
import type { stockCommands } from '../inventory/commands.ts';
import { is } from '../rejections.ts';
import { asLine } from '../text.ts';
import type { orderCommands } from './commands.ts';

/** Asked for, promised, refused, being given back, or given back. */
type LineStock = 'requested' | 'reserved' | 'refused' | 'releasing' | 'released';
type Line = { readonly productId: string; readonly name: string; readonly quantity: number; readonly stock: LineStock };

/** Where the fulfilment of one order stands. */
export type Fulfilment = { readonly phase: 'new' | 'confirmed' | 'cancelled' } | Open | Cancelling;
type Open = { readonly phase: 'reserving' | 'confirming'; readonly orderId: string; readonly lines: readonly Line[] };
type Cancelling = {
  readonly phase: 'cancelling';
  readonly orderId: string;
  readonly lines: readonly Line[];
  /** Has the order's cancellation come by? */
  readonly orderCancelled: boolean;
};

type Sent = Send<CommandOf<typeof stockCommands & typeof orderCommands>>;
type Step = Reaction<Fulfilment, Extract<Sent, { readonly type: 'ReserveStock' | 'ReleaseStock' | 'ConfirmOrder' | 'CancelOrder' }>>;

/** Asks for every line. */
export function begin(orderId: string, ordered: readonly Omit<Line, 'stock'>[]): Step {
  const lines = ordered.map(({ productId, name, quantity }): Line => ({ productId, name, quantity, stock: 'requested' }));
  return {
    state: { phase: 'reserving', orderId, lines },
    commands: lines.map(({ productId, quantity }) => ({ type: 'ReserveStock', data: { productId, orderId, quantity } })),
  };
}

/** A line is reserved: confirm once all are; give it back if the order was given up. */
export function reserved(state: Fulfilment, productId: string): Step {
  switch (state.phase) {
    case 'reserving':
    case 'confirming': {
      const lines = withStock(state.lines, productId, 'reserved');
      if (state.phase === 'confirming' || lines.some(({ stock }) => stock !== 'reserved')) return { state: { ...state, lines } };
      return { state: { ...state, phase: 'confirming', lines }, commands: [{ type: 'ConfirmOrder', data: { orderId: state.orderId } }] };
    }
    case 'cancelling':
      return releaseReserved({ ...state, lines: withStock(state.lines, productId, 'reserved') });
    case 'new':
    case 'confirmed':
    case 'cancelled':
      return { state };
    default:
      return state satisfies never;
  }
}

/** A line is given back: on our word while giving up, otherwise by somebody's hand, and then the order cannot be confirmed. */
export function released(state: Fulfilment, productId: string): Step {
  switch (state.phase) {
    case 'reserving':
      return giveUp({ ...state, lines: withStock(state.lines, productId, 'released') }, 'Its reserved stock was released.');
    case 'confirming': // ConfirmOrder is on its way and will be refused
      return { state: { ...state, lines: withStock(state.lines, productId, 'released') } };
    case 'cancelling':
      return settled({ ...state, lines: withStock(state.lines, productId, 'released') });
    case 'new':
    case 'confirmed':
    case 'cancelled':
      return { state };
    default:
      return state satisfies never;
  }
}

/** A line cannot be reserved: give up, or go on giving up. */
export function refused(state: Fulfilment, productId: string, { code, message }: Rejection): Step {
  switch (state.phase) {
    case 'reserving': {
      const line = requested(state.lines, productId);
      if (line === undefined || is(code, 'OrderAlreadyConfirmed')) return { state }; // somebody was faster by hand
      const without = { ...state, lines: withStock(state.lines, productId, 'refused') };
      return is(code, 'OrderAlreadyCancelled') ? stop(without) : giveUp(without, `${line.name}: ${message}`);
    }
    case 'cancelling':
      return requested(state.lines, productId) ? settled({ ...state, lines: withStock(state.lines, productId, 'refused') }) : { state };
    case 'confirming':
    case 'new':
    case 'confirmed':
    case 'cancelled':
      return { state };
    default:
      return state satisfies never;
  }
}

export function confirmed(): Step {
  return { state: { phase: 'confirmed' }, done: true };
}

/** The order's cancellation has come by in the log, and with it every reservation there will ever be. */
export function cancelled(state: Fulfilment): Step {
  return state.phase === 'cancelling' || isOpen(state)
    ? releaseReserved({ ...state, phase: 'cancelling', orderCancelled: true })
    : { state };
}

/** The order is known to be cancelled, but the event has not come by yet: release what is reserved and wait for it. */
export function stop(state: Fulfilment): Step {
  return isOpen(state) ? releaseReserved({ ...state, phase: 'cancelling', orderCancelled: false }) : { state };
}

/** The order cannot be fulfilled: cancel it and release what is reserved. */
export function giveUp(state: Fulfilment, reason: string): Step {
  if (!isOpen(state)) return { state };
  const step = stop(state);
  const cancel = { type: 'CancelOrder', data: { orderId: state.orderId, reason: asLine(reason, 200) } } as const;
  return { ...step, commands: [cancel, ...(step.commands ?? [])] };
}

function isOpen(state: Fulfilment): state is Open {
  return state.phase === 'reserving' || state.phase === 'confirming';
}

function releaseReserved(state: Cancelling): Step {
  const release = state.lines.filter(({ stock }) => stock === 'reserved');
  const lines = state.lines.map((line): Line => (line.stock === 'reserved' ? { ...line, stock: 'releasing' } : line));
  const commands = release.map(({ productId }) => ({ type: 'ReleaseStock' as const, data: { productId, orderId: state.orderId } }));
  return { ...settled({ ...state, lines }), commands };
}

/** Done once the order is cancelled and no line is reserved or may yet be. */
function settled(state: Cancelling): Step {
  const open = !state.orderCancelled || state.lines.some(({ stock }) => stock !== 'refused' && stock !== 'released');
  return open ? { state } : { state: { phase: 'cancelled' }, done: true };
}

function requested(lines: readonly Line[], productId: string): Line | undefined {
  return lines.find((line) => line.productId === productId && line.stock === 'requested');
}

function withStock(lines: readonly Line[], productId: string, stock: LineStock): readonly Line[] {
  return lines.map((line) => (line.productId === productId ? { ...line, stock } : line));
}
