/** For what a test has just made or knows to be there. */
export function known<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error("a test expected something that is absent");
  return value;
}
