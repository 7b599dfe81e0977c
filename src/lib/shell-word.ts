/** A word as a POSIX shell takes it for one, in quotes where it would take it for more. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}

/** A text as one word of bash, zsh or fish. @param text without backslashes if it is for fish, which would read them */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
