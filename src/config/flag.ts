/** A flag of a command, as the command line, the help, the man page and the shells' completions know it. */
export interface Flag {
  readonly flag: string;
  /** How its value is written in the help. A flag without one is a switch. */
  readonly value?: string;
  readonly meaning: string;
  /** Every value that it takes, when those can be counted. */
  readonly words?: readonly string[];
}
