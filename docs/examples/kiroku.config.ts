import { defineConfig } from '@kiroku/operations/config';
import { library } from './library.ts';

export default defineConfig({
  name: 'library',
  application: library,
  services: [
    { name: 'commands', entry: './dist/command-service.js', port: 4101, portVariable: 'COMMANDS_PORT' },
    { name: 'queries', entry: './dist/query-service.js', port: 4102, portVariable: 'QUERIES_PORT' },
  ],
});
