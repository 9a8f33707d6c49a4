import { type Application, diagramOf, KirokuError } from '@kiroku/core';

/** The declared steps of a saga as a Mermaid flowchart. Throws `NotFound`, or `DefinitionInvalid` if it has none. */
export function sagaDiagram({ processManagers }: Pick<Application, 'processManagers'>, name: string): string {
  const found = processManagers.find((processManager) => processManager.name === name);
  if (found !== undefined) return diagramOf(found);
  const names = processManagers.map((processManager) => processManager.name).join(', ') || 'none';
  throw new KirokuError('NotFound', `There is no saga called "${name}". The application has: ${names}.`);
}
