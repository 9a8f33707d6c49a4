const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g;
const suspicious = /[0-9.]{16}|[eE][+-]?[0-9]{2}/; // up to 15 digits are always exact

/** The first number of a JSON text that would not read back as it was written, because a double cannot hold it; `undefined` if there is none. */
export function inexactNumber(json: string): string | undefined {
  if (!suspicious.test(json)) return undefined;
  for (const [text] of json.matchAll(token)) if (!text.startsWith('"') && !isExact(text)) return text;
  return undefined;
}

function isExact(literal: string): boolean {
  const number = Number(literal);
  return Number.isFinite(number) && decimal(literal) === decimal(String(number));
}

// Its digits without zeros around them, and the power of ten of the last one.
function decimal(literal: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '0' : `${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}
