/** Accounts without passwords' mathematics, for tests of use cases: the code is the account's next one from a fixed row. */
import type { Identity } from "@safeconduct/exchange";
import { Problem } from "@safeconduct/foundation";

export interface ScriptedIdentity extends Identity {
  /** What the authenticator of this account shows now; each works once. */
  codeOf(address: string): string;
}

interface Account {
  readonly member: string;
  readonly address: string;
  password: string;
  isConfirmed: boolean;
  used: number;
}

export function scriptedIdentity(): ScriptedIdentity {
  const accounts = new Map<string, Account>();
  const find = (address: string) => [...accounts.values()].find((account) => account.address === address.toLowerCase());
  const shown = (account: Account) => String(100_000 + account.used);
  const spend = (account: Account, code: string): boolean => {
    if (code !== shown(account)) return false;
    account.used++;
    return true;
  };
  return {
    async enrol({ member, address, password }) {
      const held = accounts.get(member);
      if (held?.isConfirmed) throw new Problem("identity/already-enrolled", "There is an account already.");
      const taken = find(address);
      if (taken !== undefined && taken.member !== member && taken.isConfirmed)
        throw new Problem("identity/address-taken", "The address is taken.");
      accounts.set(member, { member, address: address.toLowerCase(), password, isConfirmed: false, used: 0 });
      return { otpauthUri: `otpauth://totp/${member}`, secret: "JBSWY3DPEHPK3PXP" };
    },
    async confirmAuthenticator({ member, code }) {
      const account = accounts.get(member);
      if (account === undefined || !spend(account, code)) return false;
      account.isConfirmed = true;
      return true;
    },
    async signIn({ address, password, code }) {
      const account = find(address);
      if (account?.isConfirmed !== true || account.password !== password || !spend(account, code)) return null;
      return { member: account.member as never };
    },
    async preparePassword({ member, password }) {
      if (password.length < 15) throw new Problem("identity/password-too-short", "That password is too short.");
      return {
        async takeEffect() {
          const account = accounts.get(member);
          if (account?.isConfirmed !== true) return false;
          account.password = password;
          return true;
        },
      };
    },
    async remove(member) {
      accounts.delete(member);
    },
    codeOf(address) {
      const account = find(address);
      return account === undefined ? "000000" : shown(account);
    },
  };
}
