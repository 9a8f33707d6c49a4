import type { DoctorReport, ServiceDoctorReport, Severity, TreatedFinding } from '@kiroku/operations';
import colors from 'picocolors';
import { exitCodes } from './exit-codes.ts';
import { counted } from './format-count.ts';

const marks: { readonly [severity in Severity]: () => string } = {
  error: () => colors.red('✗'),
  warning: () => colors.yellow('!'),
  info: () => colors.dim('i'),
};

/** A finding in lines: what and where, why it matters, and what is or was done about it. */
export function formatFinding(finding: TreatedFinding, repairs: 'here' | 'elsewhere' = 'here'): string {
  const { code, severity, where, what, why } = finding;
  const mark = finding.outcome === 'fixed' ? colors.green('✓') : marks[severity]();
  return [`${mark} ${colors.bold(code)} ${where}`, `  ${what}`, `  ${colors.dim(why)}`, ...remedy(finding, repairs)].join('\n');
}

function remedy(finding: TreatedFinding, repairs: 'here' | 'elsewhere'): readonly string[] {
  switch (finding.outcome) {
    case 'fixed':
      return [`  Repaired: ${finding.fix}.`];
    case 'failed':
      return [`  ${colors.red('It could not be repaired:')} ${finding.error}`];
    case 'found':
      if (finding.fix === undefined) return [];
      return [
        repairs === 'here' ? `  --fix ${finding.fix}.` : `  \`kiroku doctor --fix\`, where the databases can be reached, ${finding.fix}.`,
      ];
    default:
      return finding satisfies never;
  }
}

/** A check that was left out, and why. */
export function formatNotMade({ check, reason }: ServiceDoctorReport['notMade'][number]): string {
  return `${colors.dim('-')} ${check} was not looked at: ${reason}`;
}

/** The last line: what is left. */
export function formatDoctorEnd({ checks, findings }: DoctorReport): string {
  const left = findings.filter(({ outcome }) => outcome !== 'fixed');
  const fixed = findings.length - left.length;
  const repaired = fixed === 0 ? '' : `, ${fixed} repaired`;
  const of = (severity: Severity) => left.filter((each) => each.severity === severity).length;
  if (left.length === 0) return `${colors.green('✓')} ${counted(checks.length, 'check')}, nothing is wrong${repaired}.`;
  const advice = 'docs/runbooks/doctor.md says what each means.';
  return `${counted(checks.length, 'check')}: ${of('error')} to act on, ${counted(of('warning'), 'warning')}, ${counted(of('info'), 'note')}${repaired}. ${advice}`;
}

export function doctorExitCode({ findings }: DoctorReport): number {
  const left = findings.filter(({ outcome }) => outcome !== 'fixed');
  if (left.some(({ severity }) => severity === 'error')) return exitCodes.failed;
  return left.some(({ severity }) => severity === 'warning') ? exitCodes.degraded : exitCodes.ok;
}
