/** What stands outside the bundle about it: the addresses at which `index.html` is served with 200. */
export { PAGES } from "./portal/routing.ts";
