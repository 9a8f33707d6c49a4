import {
  command,
  defineAggregate,
  defineEvents,
  defineSaga,
  type EventStore,
  readAggregate,
  readEvents,
  reject,
  type StateDefinition,
} from '@kiroku/core';
import { anySchema } from '../any-schema.ts';

interface Trip {
  readonly trip: string;
}
type Seat = Trip & { readonly seat: string };
type Asked = Trip & { readonly seats: readonly string[] };
const anyTrip = anySchema<Trip>();
const anySeat = anySchema<Seat>();
const tags = ({ trip: id }: Trip): readonly string[] => [`trip:${id}`];

const tripEvents = defineEvents({
  TripAsked: { schema: anySchema<Asked>() },
  TripCancelled: { schema: anySchema<Trip & { readonly reason: string }>() },
  TripBooked: { schema: anyTrip },
});
const seatEvents = defineEvents({ SeatHeld: { schema: anySeat, tags }, SeatFreed: { schema: anySeat, tags } });
const fareEvents = defineEvents({ FarePaid: { schema: anyTrip }, FareDeclined: { schema: anyTrip }, FareReturned: { schema: anyTrip } });
const ofTrip = ({ trip: id }: Trip): string => id;
const ofSeat = ({ trip: id, seat: name }: Seat): string => `${id}:${name}`;

interface TripState {
  readonly status: 'none' | 'asked' | 'cancelled' | 'booked';
  readonly seats: readonly string[];
}
const tripState: StateDefinition<TripState, typeof tripEvents> = {
  name: 'trip',
  events: tripEvents,
  initialState: { status: 'none', seats: [] },
  evolve: {
    TripAsked: (_, { data }) => ({ status: 'asked', seats: data.seats }),
    TripCancelled: (state) => ({ ...state, status: 'cancelled' }),
    TripBooked: (state) => ({ ...state, status: 'booked' }),
  },
};
const fareState: StateDefinition<'none' | 'paid' | 'declined' | 'returned', typeof fareEvents> = {
  name: 'fare',
  events: fareEvents,
  initialState: 'none',
  evolve: { FarePaid: () => 'paid', FareDeclined: () => 'declined', FareReturned: () => 'returned' },
};
const heldSeats = (id: string) =>
  readEvents({
    events: seatEvents,
    query: [{ tags: [`trip:${id}`] }],
    initial: [] as readonly string[],
    fold: { SeatHeld: (held, { data }) => [...held, data.seat], SeatFreed: (held, { data }) => held.filter((name) => name !== data.seat) },
  });

/** A trip is booked only with all its seats held and its fare paid. */
export const trip = defineAggregate({
  ...tripState,
  commands: {
    AskTrip: command({ schema: anySchema<Asked>(), target: ofTrip }),
    CancelTrip: command({ schema: anySchema<Trip & { readonly reason: string }>(), target: ofTrip }),
    BookTrip: command({
      schema: anyTrip,
      target: ofTrip,
      reads: ({ trip: id }) => ({ held: heldSeats(id), fare: readAggregate(fareState, id) }),
    }),
  },
  decide: {
    AskTrip: (_, { data }) => [{ type: 'TripAsked', data }],
    CancelTrip: ({ status }, { data }) =>
      status === 'asked' ? [{ type: 'TripCancelled', data }] : reject('TripIsOver', `It is ${status}.`),
    BookTrip: ({ status, seats }, { data }, { held, fare: paid }) => {
      if (status === 'booked') return [];
      if (status !== 'asked') return reject('TripIsOver', `It is ${status}.`);
      const isReady = paid === 'paid' && seats.every((name) => held.includes(name));
      return isReady ? [{ type: 'TripBooked', data }] : reject('NotReady', 'A seat or the fare is missing.');
    },
  },
});

/** Somebody sits on seats that are called "taken…". Freeing one that is not held does nothing. */
export const seat = defineAggregate({
  name: 'seat',
  events: seatEvents,
  initialState: false,
  commands: {
    HoldSeat: command({ schema: anySeat, target: ofSeat }),
    FreeSeat: command({ schema: anySeat, target: ofSeat, reads: ({ trip: id }) => ({ trip: readAggregate(tripState, id) }) }),
  },
  evolve: { SeatHeld: () => true, SeatFreed: () => false },
  decide: {
    HoldSeat: (held, { data }) => {
      if (held) return [];
      return data.seat.startsWith('taken') ? reject('SeatTaken', 'Somebody sits there.') : [{ type: 'SeatHeld', data }];
    },
    FreeSeat: (held, { data }, context) => {
      if (!held) return [];
      return context.trip.status === 'booked' ? reject('TripIsOver', 'It is booked.') : [{ type: 'SeatFreed', data }];
    },
  },
});

/** Returning a fare before it is paid leaves a mark: it is refused from then on. */
export const fare = defineAggregate({
  ...fareState,
  commands: {
    PayFare: command({ schema: anyTrip, target: ofTrip }),
    DeclineFare: command({ schema: anyTrip, target: ofTrip }),
    ReturnFare: command({ schema: anyTrip, target: ofTrip, reads: ({ trip: id }) => ({ trip: readAggregate(tripState, id) }) }),
  },
  decide: {
    PayFare: (state, { data }) => {
      if (state === 'paid') return [];
      return state === 'none' ? [{ type: 'FarePaid', data }] : reject('FareIsOver', `It is ${state}.`);
    },
    DeclineFare: (state, { data }) => (state === 'none' ? [{ type: 'FareDeclined', data }] : reject('FareIsOver', `It is ${state}.`)),
    ReturnFare: (state, { data }, context) => {
      if (state === 'returned') return [];
      return context.trip.status === 'booked' ? reject('TripIsOver', 'It is booked.') : [{ type: 'FareReturned', data }];
    },
  },
});

/** Holds every seat of a trip, has the fare paid, and books it. */
export const booking = defineSaga({
  name: 'booking',
  events: { ...tripEvents, ...seatEvents, ...fareEvents },
  commands: { ...trip.commands, ...seat.commands, ...fare.commands },
  correlate: ({ data }) => data.trip,
  startsOn: { TripAsked: ({ data }) => ({ trip: data.trip, seats: data.seats }) },
  cancelsOn: { TripCancelled: ({ data }) => data.reason },
  steps: [
    {
      name: 'hold seats',
      parts: ({ seats }) => seats,
      command: { type: 'HoldSeat', data: ({ trip: id }, { part }) => ({ trip: id, seat: part }) },
      success: { SeatHeld: ({ data }) => data.seat },
      timeoutMs: 30_000,
      retry: { attempts: 3, baseMs: 1_000, capMs: 5_000, notOn: ['SeatTaken'] },
      undo: {
        command: { type: 'FreeSeat', data: ({ trip: id }, { part }) => ({ trip: id, seat: part }) },
        success: { SeatFreed: ({ data }) => data.seat },
        nothingIfNoEvents: true,
        retry: { attempts: 2 },
      },
    },
    {
      name: 'pay fare',
      command: { type: 'PayFare', data: ({ trip: id }) => ({ trip: id }) },
      success: { FarePaid: true },
      failure: { FareDeclined: () => ({ reason: 'the card was declined' }) },
      timeoutMs: 60_000,
      retry: { attempts: 2, baseMs: 2_000, capMs: 10_000, notOn: ['FareDeclined'] },
      undo: {
        command: { type: 'ReturnFare', data: ({ trip: id }) => ({ trip: id }) },
        success: { FareReturned: true },
        nothingIfNoEvents: true,
      },
    },
    {
      name: 'book',
      command: { type: 'BookTrip', data: ({ trip: id }) => ({ trip: id }) },
      success: { TripBooked: true },
      retry: { attempts: 5, notOn: ['TripIsOver', 'NotReady'] },
    },
  ],
  undo: {
    command: { type: 'CancelTrip', data: (asked, { reason }) => ({ trip: asked.trip, reason }) },
    success: { TripCancelled: true },
    notNeededOn: ['TripIsOver'],
  },
});

/** What has come of a trip: it is `whole` if everything was done or everything was undone. */
export async function tripEffects(eventStore: EventStore, id: string, seats: readonly string[]) {
  const last = async (stream: `${string}-${string}`): Promise<string> => (await eventStore.readStream(stream)).at(-1)?.type ?? 'nothing';
  const ends = {
    trip: await last(`trip-${id}`),
    fare: await last(`fare-${id}`),
    seats: await Promise.all(seats.map((name) => last(`seat-${id}:${name}`))),
  };
  const done = ends.trip === 'TripBooked' && ends.fare === 'FarePaid' && ends.seats.every((type) => type === 'SeatHeld');
  const undone = ends.trip === 'TripCancelled' && ends.fare !== 'FarePaid' && ends.seats.every((type) => type !== 'SeatHeld');
  return { ...ends, whole: done || undone };
}
