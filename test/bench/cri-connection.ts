import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';

/** A method of the generated service definitions. */
interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** Longer than any call takes, a life on a machine with 200 pods included. */
const DEADLINE_MS = 120_000;

/** A client of one CRI runtime. */
export class CriConnection {
  private readonly client: Client;

  constructor(readonly socket: string) {
    this.client = new Client(`unix://${socket}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': 16 * 1024 * 1024,
    });
  }

  call<Request, Response>(method: UnaryMethod<Request, Response>, request: Request): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + DEADLINE_MS;
      const settle = (error: ServiceError | null, response?: Response): void => {
        if (error === null && response !== undefined) resolve(response);
        else reject(error ?? new Error(`${path} was answered with nothing`));
      };
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, settle);
    });
  }

  close(): void {
    this.client.close();
  }
}

/** Whether the runtime has no such method. */
export function isUnimplemented(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === status.UNIMPLEMENTED;
}
