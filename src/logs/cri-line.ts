export type LogStream = 'stdout' | 'stderr';

/**
 * A line of a CRI log. Text without a newline at its end is a part of a line, tagged P; newlines elsewhere would be
 * taken for the ends of lines, and are left out.
 */
export function criLine(time: string, stream: LogStream, text: string): string {
  const whole = text.endsWith('\n');
  const content = (whole ? text.slice(0, -1) : text).replaceAll('\n', '');
  return `${time} ${stream} ${whole ? 'F' : 'P'} ${content}\n`;
}
