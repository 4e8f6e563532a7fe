import { mailSuite } from "./mail-suite.ts";
import { memoryMail } from "./memory-mail.ts";

mailSuite("memory", async () => {
  const mail = memoryMail();
  return {
    mail,
    delivered: () => mail.messages,
    breakOff: () => mail.setReachable(false),
    close: async () => {},
  };
});
