import colors from 'picocolors';

// control characters but for tab and newline, and what turns the direction of the text around it
const unprintable = /[^\P{Cc}\t\n]|\p{Bidi_Control}/gu;
const esc = String.fromCharCode(0x1b);
/** The colours of this program's own output. */
const colour = new RegExp(`(${esc}\\[(?:1|2|22|3[1-6]|39|90)m)`);

/** Escapes what could steer the terminal: what is stored may come from anybody. */
export function printable(text: string, coloured: boolean = colors.isColorSupported): string {
  if (text.search(unprintable) < 0) return text;
  if (!coloured) return escaped(text);
  return text
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : escaped(part)))
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
