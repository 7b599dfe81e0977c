/**
 * Breaks a text into lines of at most `width` columns, between words; a word that is longer has a line of its own.
 * @param indent of the first line, in columns
 * @param hanging indent of the lines after it
 */
export function wrap(text: string, width: number, indent = 0, hanging = indent): string {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  // A run of blanks inside is kept: columns are made of it.
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    if (!empty && line.length + word.length + 1 > width) {
      lines.push(line);
      line = ' '.repeat(hanging);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}
