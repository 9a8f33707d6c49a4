import { KirokuError } from '../errors.ts';
import type { ProcessManager } from '../process-manager.ts';
import type { ProcessOutline, StepOutline } from '../process-outline.ts';

/** The declared steps of a saga as a Mermaid flowchart. Throws `DefinitionInvalid` for a process manager without declared steps. */
export function diagramOf({ name, outline }: Pick<ProcessManager, 'name' | 'outline'>): string {
  if (outline === undefined) {
    throw new KirokuError('DefinitionInvalid', `${name} has no declared steps, so it cannot be drawn. Declare it with defineSaga.`);
  }
  return `${['flowchart TD', ...forward(outline), ...backward(outline)].join('\n')}\n`;
}

function forward({ startsOn, cancelledOn, steps }: ProcessOutline): string[] {
  const boxes = steps.map((step, index) => `  s${index}[${quoted(titleOf(step))}]`);
  const arrows = steps.flatMap((step, index) => [
    `  s${index} -->|${quoted(step.success.join(', '))}| ${index + 1 < steps.length ? `s${index + 1}` : 'completed'}`,
    `  s${index} -.->|${quoted(failuresOf(step))}| u${index}`,
  ]);
  const cancelled =
    cancelledOn.length === 0 ? [] : [`  cancel([${quoted(cancelledOn.join(', '))}]) -.->|${quoted('in the middle')}| u${steps.length - 1}`];
  return [`  begin([${quoted(startsOn.join(', '))}]) --> s0`, ...boxes, ...arrows, ...cancelled, '  completed([completed])'];
}

function backward({ undo, steps }: ProcessOutline): string[] {
  const boxes = steps.map(({ undo: stepUndo, name }, index) => `  u${index}[${quoted(stepUndo?.command ?? `${name}: nothing to undo`)}]`);
  const arrows = steps.map(({ undo: stepUndo }, index) => {
    const label = stepUndo === undefined ? '' : `|${quoted(stepUndo.success.join(', '))}|`;
    return `  u${index} -->${label} ${index > 0 ? `u${index - 1}` : 'undoStart'}`;
  });
  const last =
    undo === undefined
      ? ['  undoStart([compensated])']
      : [`  undoStart[${quoted(undo.command)}] -->|${quoted(undo.success.join(', '))}| compensated([compensated])`];
  return [...boxes, ...arrows, ...last];
}

function titleOf({ name, command, timeoutMs, attempts }: StepOutline): string {
  const limits = [timeoutMs === undefined ? 'waits' : `${timeoutMs / 1_000} s`, attempts === 1 ? 'once' : `${attempts} tries`];
  return `${name}<br/>${command}<br/>${limits.join(', ')}`;
}

function failuresOf({ failure, notOn, timeoutMs }: StepOutline): string {
  const causes = [...failure, ...notOn.filter((code) => !failure.includes(code))];
  return [...causes, timeoutMs === undefined ? 'refused' : 'refused, no answer'].join(', ');
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '#quot;')}"`;
}
