import type { KeysPutBack } from './put-keys-back.ts';

/** What people should know of keys that were put back, or were not, one line each. */
export function noticesOfKeys({
  unclear,
  damaged,
  remembered,
}: Pick<KeysPutBack, 'unclear' | 'damaged' | 'remembered'>): readonly string[] {
  const files = (count: number) => `${count} ${count === 1 ? 'file' : 'files'} of keys of personal data`;
  return [
    ...(unclear.length === 0
      ? []
      : [
          `Of ${files(unclear.length)} too little was left to tell a key from the word that somebody was forgotten, so the kept key took its place. Look at whom you had to forget since the keys were kept last: forget them again.`,
        ]),
    ...(remembered.length === 0
      ? []
      : [
          `${files(remembered.length)} ${remembered.length === 1 ? 'is' : 'are'} there, though what is kept says that their subjects were forgotten: ${some(remembered)}. Forget them again.`,
        ]),
    ...(damaged.length === 0
      ? []
      : [`${files(damaged.length)} ${damaged.length === 1 ? 'is' : 'are'} damaged, and no whole one is kept: ${some(damaged)}.`]),
  ];
}

function some(paths: readonly string[]): string {
  const told = paths.slice(0, 5).join(', ');
  return paths.length > 5 ? `${told} and ${paths.length - 5} more` : told;
}
