import { defineProcessManager, type ProcessInstance } from '@kiroku/core';
import { booking, recordedAs } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { reactToOperator } from './react-to-operator.ts';

const asked = recordedAs(1, { type: 'TripAsked', data: { trip: 't', seats: ['a'] } });
const running: ProcessInstance = { id: 't', state: booking.react(booking.initialState, asked).state, status: 'running' };
const act = { operator: 'ada', reason: 'she called', id: 'audit-1' };

describe('an operator', () => {
  test('has a saga give up, and the history says who and why', () => {
    const { commands, history } = reactToOperator(booking, running, { ...act, control: 'compensate' });
    const metadata = { correlationId: 'audit-1', causationId: 'audit-1', actor: 'process-manager:booking' };
    expect(commands).toMatchObject([{ type: 'FreeSeat', metadata }]);
    expect(history?.[0]).toEqual({ instance: 't', kind: 'operator', what: 'compensate by ada: she called', reference: 'audit-1' });
  });

  test('closes a saga as it is', () => {
    const { commands, instances } = reactToOperator(
      booking,
      { ...running, status: 'failed', failure: 'stuck' },
      { ...act, control: 'close' },
    );
    expect(commands).toEqual([]);
    expect(instances).toMatchObject([{ status: 'done', state: { phase: 'compensated', reason: 'she called', stuck: '' } }]);
  });

  test('cannot steer what has ended, nor undo what declares no undoing', () => {
    const refused = expect.objectContaining({ code: 'SagaNotSteerable' });
    expect(() => reactToOperator(booking, { ...running, status: 'done' }, { ...act, control: 'close' })).toThrow(refused);
    const plain = defineProcessManager({ name: 'plain', events: {}, commands: {}, initialState: {}, on: {} });
    expect(() => reactToOperator(plain, { ...running, state: {} }, { ...act, control: 'compensate' })).toThrow(refused);
  });

  test('retries what an ended saga has sent, and nothing of its own', () => {
    const { commands, instances, history } = reactToOperator(booking, { ...running, status: 'done' }, { ...act, control: 'retry' });
    expect({ commands, instances, lines: history?.length }).toEqual({ commands: [], instances: [], lines: 1 });
  });

  test('has a saga that failed from outside at work again, with its timers', () => {
    const { instances, timers } = reactToOperator(
      booking,
      { ...running, status: 'failed', failure: 'set back' },
      { ...act, control: 'retry' },
    );
    expect(instances).toMatchObject([{ status: 'running' }]);
    expect(timers?.map(({ name }) => name)).toContain('timeout');
  });

  test('closes and retries a process manager that declares nothing for it', () => {
    const plain = defineProcessManager({ name: 'plain', events: {}, commands: {}, initialState: {}, on: {} });
    const failed: ProcessInstance = { id: 't', state: {}, status: 'failed', failure: 'no' };
    expect(reactToOperator(plain, failed, { ...act, control: 'close' }).instances).toMatchObject([{ status: 'done' }]);
    expect(reactToOperator(plain, failed, { ...act, control: 'retry' }).instances).toEqual([]);
  });
});
