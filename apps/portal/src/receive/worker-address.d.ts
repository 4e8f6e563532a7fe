/** What the bundler makes of a worker's module: the address of its own file. */
declare module "*?worker&url" {
  const address: string;
  export default address;
}
