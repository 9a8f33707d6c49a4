// The worker of the timers benchmark, in a process of its own: all that the command service runs for a process manager.
import { once } from 'node:events';
import { defineEvents, defineProcessManager } from '@kiroku/core';
import { CommandDelivery, ProcessManagerRunner, TimerRunner } from '@kiroku/engine';
import { createPool, PostgresEventStore, PostgresProcessManagerStore } from '@kiroku/postgres';
import { anySchema } from '@kiroku/testing';

const urls = JSON.parse(process.env.BENCH_URLS ?? '{}') as { readonly event_store: string; readonly command_db: string }; // the benchmark's

/** Waits, and is reminded. */
const reminders = defineProcessManager({
  name: 'reminders',
  events: defineEvents({ ReminderAsked: { schema: anySchema<{ readonly orderId: string }>() } }),
  commands: {},
  initialState: { orderId: '', phase: 'waiting' },
  on: {
    ReminderAsked: {
      starts: true,
      correlate: ({ data }) => data.orderId,
      react: (_, { data }) => ({ state: { orderId: data.orderId, phase: 'waiting' }, timers: [{ name: 'remind', dueInMs: 60_000 }] }),
    },
  },
  onTimer: (state) => ({ state: { ...state, phase: 'reminded' }, done: true }),
});

await using eventStore = new PostgresEventStore({ url: urls.event_store });
await eventStore.start();
const pool = createPool({ url: urls.command_db, applicationName: 'kiroku-bench-worker' });
const store = new PostgresProcessManagerStore({ pool });
const processManagers = [reminders];
const delivery = new CommandDelivery({ store, processManagers, handle: () => Promise.reject(new Error('It sends none.')) });
const runner = new ProcessManagerRunner({ eventStore, store, processManager: reminders, delivery });
const timers = new TimerRunner({ store, processManagers, onFire: () => delivery.wake() });
await runner.start();
delivery.start();
timers.start();
process.send?.('ready');
await Promise.race([once(process, 'SIGTERM'), once(process, 'disconnect')]);
await timers.stop();
await runner.stop();
await delivery.stop();
await pool.end();
if (process.connected) process.disconnect();
