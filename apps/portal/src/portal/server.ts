/** The server behind this page, spoken to with the session cookie that only it can read. */
import { apiClient, type Client } from "@safeconduct/contract";
import { isProblem } from "@safeconduct/foundation";
import { network } from "../platform.ts";
import { lockPage } from "../sessions/lock-state.ts";

const direct = apiClient({ origin: "", fetch: network });

/** Whatever was asked: an answer that says that the session is locked locks the page. */
export const server: Client = {
  async call(name, options) {
    try {
      return await direct.call(name, options);
    } catch (thrown) {
      if (isProblem(thrown) && thrown.code === "sign-in/locked") lockPage("told");
      throw thrown;
    }
  },
};
