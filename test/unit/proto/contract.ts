/** What a .proto file says, without its comments and its order: two files that say the same are equal. */
export interface Contract {
  package: string;
  options: Options;
  services: Record<string, Service>;
  /** By name; nested ones as Outer.Inner. */
  messages: Record<string, Message>;
  /** By name; nested ones as Outer.Inner. */
  enums: Record<string, Enum>;
}

/** Options that are set, by their names in .proto files. */
export type Options = Record<string, unknown>;

export type Service = { methods: Record<string, Method>; options: Options };

export interface Method {
  request: string;
  response: string;
  requestStream: boolean;
  responseStream: boolean;
  options: Options;
}

export type Message = { fields: Record<string, Field>; reserved: Reserved[]; options: Options };

export interface Field {
  number: number;
  label: 'singular' | 'optional' | 'repeated' | 'map' | `oneof ${string}`;
  /** A scalar's name, or that of a message or enum as the contract has it; of a map, the value's. */
  type: string;
  /** Of a map. */
  keyType?: string;
  options: Options;
}

export type Enum = { values: Record<string, number>; reserved: Reserved[]; options: Options };

/** A name, or a range of numbers, both ends included. */
export type Reserved = string | [first: number, last: number];
