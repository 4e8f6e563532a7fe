/**
 * Reading an answer without zod, which is larger than all that the recipient's page does before a button is pressed. A read takes what the
 * schema of its route takes, no more and no less, and keeps the fields that it names, as `z.object` does; first-look.test.ts holds
 * the two together.
 */

/** What a client reads answers with: a schema of zod, or a {@link reader}. */
export interface Reader<Value> {
  safeParse(value: unknown): { readonly success: true; readonly data: Value } | { readonly success: false };
}

/** The value, or {@link Unfit}. */
type Read<Value> = (value: unknown) => Value;

class Unfit extends Error {
  override name = "Unfit";
}

const checked =
  <Value>(holds: (value: unknown) => boolean): Read<Value> =>
  (value) => {
    if (!holds(value)) throw new Unfit();
    return value as Value;
  };

export const text = checked<string>((value) => typeof value === "string");
export const flag = checked<boolean>((value) => typeof value === "boolean");
export const finite = checked<number>(Number.isFinite);
export const whole = checked<number>(Number.isSafeInteger);
export const oneOf = <const Options extends readonly string[]>(options: Options): Read<Options[number]> =>
  checked((value) => typeof value === "string" && options.includes(value));
export const wholeFrom = ({ least, most }: { least: number; most: number }): Read<number> =>
  checked((value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most);

export const orNull =
  <Value>(read: Read<Value>): Read<Value | null> =>
  (value) =>
    value === null ? null : read(value);

export const maybe =
  <Value>(read: Read<Value>): Read<Value | undefined> =>
  (value) =>
    value === undefined ? undefined : read(value);

export const list =
  <Value>(read: Read<Value>): Read<Value[]> =>
  (value) => {
    if (!Array.isArray(value)) throw new Unfit();
    return value.map(read);
  };

/** Own fields only: nothing of a prototype counts. One that is absent and may be stays absent. */
export const fields =
  <Value extends object>(reads: { readonly [Name in keyof Value]-?: Read<Value[Name]> }): Read<Value> =>
  (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Unfit();
    const read: Partial<Value> = {};
    for (const name of Object.keys(reads) as (keyof Value & string)[]) {
      const field = reads[name](Object.hasOwn(value, name) ? (value as Value)[name] : undefined);
      if (field !== undefined) read[name] = field;
    }
    return read as Value;
  };

export const reader = <Value>(read: Read<Value>): Reader<Value> => ({
  safeParse(value) {
    try {
      return { success: true, data: read(value) };
    } catch (error) {
      if (error instanceof Unfit) return { success: false };
      throw error;
    }
  },
});
