import { describe } from 'vitest';
import { processCommandsContract } from './process-commands-contract.ts';
import { processInstancesContract } from './process-instances-contract.ts';
import type { MakeProcessManagerStore } from './process-manager-store-samples.ts';
import { processManagersApartContract } from './process-managers-apart-contract.ts';
import { processPartitionsContract } from './process-partitions-contract.ts';
import { processTimersContract } from './process-timers-contract.ts';

/** Registers the tests of what the port promises. */
export function processManagerStoreContract(name: string, make: MakeProcessManagerStore): void {
  describe(`${name} as a process-manager store`, () => {
    processInstancesContract(make);
    processCommandsContract(make);
    processTimersContract(make);
    processPartitionsContract(make);
    processManagersApartContract(make);
  });
}
