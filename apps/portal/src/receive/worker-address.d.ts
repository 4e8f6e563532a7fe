/** What the bundler makes of a worker's module: the address of its own file. A default, because that is what it gives. */
declare module "*?worker&url" {
  const address: string;
  export { address as default };
}
