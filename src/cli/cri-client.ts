import { Client, credentials, status, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { ShimError } from '../lib/errors';

const DEADLINE_MS = 10_000;
/** What the server sends at most, in bytes: cri/encode.ts, a room that the commands do not load. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;
/** How grpc-js begins its own words when it reaches nobody. */
const NO_CONNECTION = 'No connection established';

/** A client of the running shim, for the commands that look at the node. */
export class CriClient {
  private readonly client: Client;

  /** Connects at the first call. */
  constructor(private readonly socketPath: string) {
    this.client = new Client(`unix://${socketPath}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': LARGEST_MESSAGE,
      'grpc.default_authority': 'localhost',
      // So that each look of `pods --watch` at a shim that was away tries to connect.
      'grpc.max_reconnect_backoff_ms': 1_000,
    });
  }

  /** @throws ShimError Unavailable when no shim answers, NotFound, or Internal with the shim's own words. */
  call<Request, Response>(method: MethodDefinition<Request, Response>, request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method;
      const options = { deadline: Date.now() + DEADLINE_MS };
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, options, (error, response) => {
        if (error !== null) reject(this.explained(error));
        else if (response === undefined) reject(new ShimError('Internal', `${path} ended without an answer`));
        else resolve(response);
      });
    });
  }

  close(): void {
    this.client.close();
  }

  private explained(error: ServiceError): ShimError {
    if (error.code === status.NOT_FOUND) return new ShimError('NotFound', error.details, error);
    if (error.code !== status.UNAVAILABLE) return new ShimError('Internal', error.details, error);
    // The shim itself answers so when it is the engine that is away.
    if (!error.details.startsWith(NO_CONNECTION)) return new ShimError('Unavailable', error.details, error);
    const what = `no shim answers on ${this.socketPath} (is it running? --container-runtime-endpoint names its socket)`;
    return new ShimError('Unavailable', `${what}: ${error.details}`, error);
  }
}
