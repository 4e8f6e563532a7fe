/** For tests that start the server in their own process. */
export { startServer } from "./compose.ts";
