/** The server behind this page, spoken to with the session cookie that only it can read. */
import { apiClient, type StreamingClient } from "@safeconduct/contract";
import { isProblem } from "@safeconduct/foundation";
import { network } from "../platform.ts";
import { lockPage } from "../sessions/lock-state.ts";

const direct = apiClient({ origin: "", fetch: network });

/** Whatever was asked: an answer that says that the session is locked locks the page. */
export const server: StreamingClient = {
  call: (name, options) => heard(direct.call(name, options)),
  stream: (name, options) => heard(direct.stream(name, options)),
};

async function heard<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (thrown) {
    if (isProblem(thrown) && thrown.code === "sign-in/locked") lockPage("told");
    throw thrown;
  }
}
