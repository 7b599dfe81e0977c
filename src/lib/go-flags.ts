/** The flags among words: `--name=value` and `--name value`, also with one dash, as Go takes them. The last one counts. */
export function goFlags(words: readonly string[]): Map<string, string> {
  return new Map(
    words.flatMap((word, index): [string, string][] => {
      const [, name, value] = /^(?:[A-Z_]+=)?--?([a-z][a-z-]*)(?:=(.*))?$/.exec(word) ?? [];
      return name === undefined ? [] : [[name, value ?? words[index + 1] ?? '']];
    }),
  );
}
