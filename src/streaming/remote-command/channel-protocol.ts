import { offered, type Upgrade } from '../upgrade';
import type { ChannelForm } from '../web-socket/channel-message';
import type { OutcomeForm } from './outcome';

/** The channels of a remote command; each WebSocket message begins with its channel's number. */
export const Channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** How remote command is spoken over WebSocket. */
export interface ChannelProtocol extends ChannelForm {
  /** The subprotocol's name; empty for clients that name none. */
  readonly name: string;
  readonly form: OutcomeForm;
  /** The client says with a message on channel 255 that a stream of its ends. */
  readonly closes: boolean;
}

const PROTOCOLS: readonly ChannelProtocol[] = [
  { name: 'v5.channel.k8s.io', base64: false, form: 'status', closes: true },
  { name: 'v4.channel.k8s.io', base64: false, form: 'status', closes: false },
  { name: 'v4.base64.channel.k8s.io', base64: true, form: 'status', closes: false },
  { name: 'channel.k8s.io', base64: false, form: 'text', closes: false },
  { name: 'base64.channel.k8s.io', base64: true, form: 'text', closes: false },
];

const UNNAMED: ChannelProtocol = { name: '', base64: false, form: 'text', closes: false };

/** The first one of the client's that is known here; undefined when it names only others. */
export function chooseProtocol({ request }: Upgrade): ChannelProtocol | undefined {
  const names = offered(request, 'sec-websocket-protocol');
  if (names.length === 0) return UNNAMED;
  return names.map((name) => PROTOCOLS.find((known) => known.name === name)).find((known) => known !== undefined);
}
