/** Outgoing mail. A message holds no PHI and no file name; the address is the only personal datum. */

export interface MailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same as a document, for readers that show one. */
  readonly html?: string;
}

export interface Mail {
  /** Resolves when the next hop has taken the message. Rejects with Problem `mail/undelivered`. */
  send(message: MailMessage): Promise<void>;
}
