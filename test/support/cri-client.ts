import { Client, credentials, Metadata, type MethodDefinition } from '@grpc/grpc-js';

/** CRI messages may have 16 MiB in both directions. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;

export interface CallOptions {
  /** The call's deadline, in milliseconds from now; none by default. */
  readonly timeoutMs?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** What the call brings beside its request, such as its caller's trace. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the CRI, of any version: the generated service definitions say which method is meant and what it takes. */
export class CriClient {
  private readonly client: Client;

  /**
   * Connects at the first call.
   * @param authority the `:authority` of the requests; kubelets to about 1.28 send the socket's path
   */
  constructor(socketPath: string, authority = 'localhost') {
    this.client = new Client(`unix://${socketPath}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': LARGEST_MESSAGE,
      'grpc.max_send_message_length': LARGEST_MESSAGE,
      'grpc.default_authority': authority,
      // A connection of its own: another client's on the same path may be one to a server that has gone.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /**
   * @example await client.call(RuntimeServiceService.stopPodSandbox, { podSandboxId })
   * @throws ServiceError of grpc-js, with the server's `code` and `details`.
   */
  call<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const callOptions = options.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
      const call = this.client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        callOptions,
        (error, response) => {
          options.signal?.removeEventListener('abort', cancel);
          if (error !== null) reject(error);
          else if (response === undefined) reject(new Error(`${method.path} ended without an answer`));
          else resolve(response);
        },
      );
      const cancel = (): void => call.cancel();
      if (options.signal?.aborted) cancel();
      options.signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** The parts of a streamed answer, as they come. Leaving the loop cancels the call, and so does the signal. */
  async *stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options: Pick<CallOptions, 'signal'> = {},
  ): AsyncGenerator<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const call = this.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    options.signal?.addEventListener('abort', () => call.cancel(), { once: true });
    try {
      for await (const part of call as AsyncIterable<Response>) yield part;
    } finally {
      call.cancel();
    }
  }

  close(): void {
    this.client.close();
  }
}
