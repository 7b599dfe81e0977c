import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import type { Duplex } from 'node:stream';
import { RuntimeServiceService, type VersionRequest, type VersionResponse } from '../../../../generated/runtime/v1/api';

const version = RuntimeServiceService.version;

export interface VersionServer {
  readonly inject: (connection: Duplex) => void;
  /** What was injected, in order. */
  readonly connections: Duplex[];
  /** The authority of each call, in order. */
  readonly authorities: string[];
  stop(): void;
}

/** A grpc-js server that answers Version in both versions of the interface, echoing the client's version. */
export function versionServer(): VersionServer {
  const connections: Duplex[] = [];
  const authorities: string[] = [];
  const answer = (
    call: ServerUnaryCall<VersionRequest, VersionResponse>,
    reply: sendUnaryData<VersionResponse>,
  ): void => {
    authorities.push(call.getHost());
    reply(null, {
      version: call.request.version,
      runtimeName: 'docker',
      runtimeVersion: '28.0.0',
      runtimeApiVersion: 'v1',
    });
  };
  const server = new Server({ 'grpc.max_receive_message_length': 16 << 20, 'grpc.max_send_message_length': 16 << 20 });
  const alpha = { ...version, path: '/runtime.v1alpha2.RuntimeService/Version' };
  server.addService({ version }, { version: answer });
  server.addService({ version: alpha }, { version: answer });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    connections,
    authorities,
    inject(connection) {
      connections.push(connection);
      injector.injectConnection(connection);
    },
    stop: () => server.forceShutdown(),
  };
}
