/** Stands between a caller and its ports: lets a test count calls, hold them, or make them fail before or after they act. */

type Act = () => void | Promise<void>;

export class CallWatch {
  /** `port.method` of every call since the start, in order. */
  readonly calls: string[] = [];
  private readonly acts = new Map<string, Act>();

  /** The same port, watched. Values and generators pass as they are. */
  on<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== "function" || typeof property !== "string") return member;
        const bound = member.bind(target) as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => this.pass(`${name}.${property}`, () => bound(...given));
      },
      set: (target, property, value) => Reflect.set(target, property, value),
    });
  }

  /** Runs `act` before each such call (`keys.release`), until it is cleared. What it throws is the answer. */
  before(call: string, act: Act): void {
    this.acts.set(`before ${call}`, act);
  }

  /** Runs `act` after each such call has acted; what it throws is an answer that was lost on its way. */
  after(call: string, act: Act): void {
    this.acts.set(`after ${call}`, act);
  }

  clear(): void {
    this.acts.clear();
  }

  private pass(call: string, act: () => unknown): unknown {
    this.calls.push(call);
    const before = this.acts.get(`before ${call}`);
    const after = this.acts.get(`after ${call}`);
    if (before === undefined && after === undefined) return act();
    return (async () => {
      await before?.();
      const answer = await act();
      await after?.();
      return answer;
    })();
  }
}

/** A gate that holds whoever waits for it until it is opened, and tells when somebody has arrived. */
export function gate(): { readonly hold: () => Promise<void>; readonly arrived: Promise<void>; open(): void } {
  const opening = Promise.withResolvers<void>();
  const arriving = Promise.withResolvers<void>();
  return {
    hold: () => {
      arriving.resolve();
      return opening.promise;
    },
    arrived: arriving.promise,
    open: () => opening.resolve(),
  };
}

/** Lets everything run that needs nothing but this process, so that what is still pending waits for something else. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
