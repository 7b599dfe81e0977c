/** The path of a socket's address `unix:///PATH` or `/PATH`; nothing for every other, such as `fd://` and `tcp://…`. */
export function unixPath(endpoint: string): string | undefined {
  return /^(?:unix:\/\/)?(\/.+)$/.exec(endpoint)?.[1];
}
