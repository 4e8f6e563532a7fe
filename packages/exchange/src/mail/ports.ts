/** Outgoing mail. A message holds no PHI and no file name; the address is the only personal datum. */

export interface MailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mail {
  /** Resolves when the next hop has taken the message. Rejects with Problem `mail/undelivered`. */
  send(message: MailMessage): Promise<void>;
}
