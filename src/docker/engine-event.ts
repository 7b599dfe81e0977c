/** One line of GET /events. */
export interface EngineEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: {
    readonly ID: string;
    /** A container's labels, and what belongs to the action, such as `exitCode`. */
    readonly Attributes?: Readonly<Record<string, string>> | null;
  };
  /** Seconds since 1970. */
  readonly time: number;
}
