/** The typed client of every route. */
import { type ClientOptions, routesClient, type StreamingClient } from "./client.ts";
import { routes } from "./routes.ts";

export const apiClient = (options: ClientOptions): StreamingClient => routesClient(routes, options);
