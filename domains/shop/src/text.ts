import * as z from 'zod';

// Lone surrogates (Cs) cannot be stored; U+2028 and U+2029 break lines wherever the text is shown.
const withoutControls = /^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u;
const withLineBreaks = /^(?:[^\p{Cc}\p{Cs}\u2028\u2029]|\n)*$/u;

/** One line of text: trimmed, inner spaces collapsed, 1 to `max` characters, no control characters. */
export function line(max: number) {
  return z
    .string()
    .trim()
    .min(1, { error: 'must not be empty', abort: true })
    .max(max, { error: `must be at most ${max} characters long`, abort: true })
    .regex(withoutControls, 'must not contain control characters')
    .overwrite((text) => text.replace(/\s+/gu, ' '));
}

/** A text from elsewhere, e.g. an operator's reason, as one that `line(max)` takes. */
export function asLine(text: string, max: number): string {
  const plain = text.replace(/[\p{Cc}\p{Cs}\s\u2028\u2029]+/gu, ' ').trim();
  return (
    plain
      .slice(0, max)
      .replace(/\p{Cs}$/u, '')
      .trim() || '-'
  ); // the cut may leave half a character
}

/** Text of several lines: trimmed, up to `max` characters (may be empty), no control characters but line breaks. */
export function paragraph(max: number) {
  return z
    .string()
    .trim()
    .max(max, { error: `must be at most ${max} characters long`, abort: true })
    .regex(withLineBreaks, 'must not contain control characters other than line breaks');
}
