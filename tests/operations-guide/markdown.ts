/** A block of code in a document, and the heading it stands under, as links name it. */
export interface CodeBlock {
  readonly anchor: string;
  readonly lines: readonly string[];
}

export function codeBlocks(markdown: string, language: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let anchor = '';
  let lines: string[] | undefined;
  for (const line of markdown.split('\n')) {
    if (lines !== undefined && line.trim() === '```') {
      blocks.push({ anchor, lines });
      lines = undefined;
    } else if (lines !== undefined) lines.push(line);
    else if (line.trim() === `\`\`\`${language}`) lines = [];
    else if (/^#+ /.test(line)) anchor = anchorOf(line);
  }
  return blocks;
}

/** The rows of all tables with these columns at the top, without the tables' first two lines. */
export function tableRows(markdown: string, columns: readonly string[]): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  let within = false;
  for (const line of markdown.split('\n')) {
    const cells = line.startsWith('|') ? cellsOf(line) : undefined;
    if (cells === undefined) within = false;
    else if (cells.join() === columns.join()) within = true;
    else if (within && !line.startsWith('|---')) rows.push(cells);
  }
  return rows;
}

/** What stands in a text as code. */
export function codeSpans(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1)
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** What a link to a heading says after `#`. */
export function anchorOf(heading: string): string {
  return heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
