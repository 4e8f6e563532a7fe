/** Members, invitations and joining. */
import { sixDigitCode } from "@safeconduct/contract";
import type { Page } from "playwright-core";
import { instance, member, type PortalDouble, problem, signedOut } from "../portal-double.ts";
import type { Scene } from "./scene.ts";

const HOUR_MS = 3_600_000;
const JOIN_LINK = `/join#token=${"A".repeat(43)}`;
const AUTHENTICATOR = {
  otpauthUri:
    "otpauth://totp/Safeconduct:n.berg%40riverside.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Safeconduct&digits=6&period=30",
  secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
};
const id = (prefix: string, letter: string) => `${prefix}_${letter.repeat(25)}a`;
type Answers = Record<string, Parameters<PortalDouble["answers"]["set"]>[1]>;

function base(double: PortalDouble, answers: Answers = {}): void {
  double.answers.clear();
  double.answers.set("GET /instance", instance());
  double.answers.set("GET /me", { body: member });
  double.answers.set("GET /members", { body: list() });
  for (const [name, answer] of Object.entries(answers)) double.answers.set(name, answer);
}

const signedInAs = (roles: readonly string[]): Answers => ({
  "GET /me": { body: { ...member, member: { ...member.member, roles } } },
});

function list() {
  const now = Date.now();
  return {
    members: [
      { ...member.member, createdAt: now - 900 * HOUR_MS, seenAt: now - 20_000 },
      {
        id: id("mem", "i"),
        name: "Inés Fernández-Etxeberria de la Vega",
        address: "ines.fernandez-etxeberria-de-la-vega@cardiology.riverside-clinic.example",
        roles: ["sender", "reviewer", "compliance-officer", "administrator"],
        createdAt: now - 500 * HOUR_MS,
        seenAt: now - 31 * HOUR_MS,
      },
      {
        id: id("mem", "n"),
        name: "Noah Berg",
        address: "n.berg@riverside.example",
        roles: ["sender"],
        createdAt: now - 2 * HOUR_MS,
        seenAt: null,
      },
    ],
    invitations: [
      invited("u", { name: "Uma Rao", address: "u.rao@riverside.example" }),
      invited("e", {
        name: "Eli Stone",
        address: "e.stone@riverside.example",
        roles: ["compliance-officer"],
        sentAt: now - 60 * HOUR_MS,
        expiresAt: now - 12 * HOUR_MS,
      }),
      invited("k", {
        name: "Kim Vos",
        address: "k.vos@rivreside.example",
        roles: ["administrator"],
        undeliveredAt: now - HOUR_MS,
      }),
    ],
  };
}

const invited = (letter: string, changes: object) => ({
  id: id("inv", letter),
  roles: ["sender"],
  createdAt: Date.now() - 70 * HOUR_MS,
  sentAt: Date.now() - HOUR_MS,
  expiresAt: Date.now() + 47 * HOUR_MS,
  undeliveredAt: null,
  ...changes,
});

const invitedBody = (changes: object = {}) => ({
  body: {
    organisation: "Riverside Clinic",
    name: "Noah Berg",
    address: "n.berg@riverside.example",
    roles: ["sender", "compliance-officer"],
    expiresAt: Date.now() + 47 * HOUR_MS,
    ...changes,
  },
});

const open = (page: Page, double: PortalDouble, path: string) => page.goto(`${double.origin}${path}`);
const heading = (page: Page, text: string | RegExp) => page.getByRole("heading", { level: 1, name: text }).waitFor();

async function openMembers(page: Page, double: PortalDouble, answers: Answers = {}): Promise<void> {
  base(double, answers);
  await open(page, double, "/members");
  await heading(page, "Members");
}

async function openJoining(page: Page, double: PortalDouble, answers: Answers = {}): Promise<void> {
  base(double, { "GET /me": signedOut, "POST /joining": invitedBody(), ...answers });
  await open(page, double, JOIN_LINK);
}

async function toAuthenticator(page: Page, double: PortalDouble): Promise<void> {
  await openJoining(page, double, {
    "POST /joining/enrolment": { body: AUTHENTICATOR },
    "POST /joining/completion": ({ body }) =>
      sixDigitCode.parse((body as { code: string }).code) === "402719"
        ? { status: 201, body: member }
        : problem(403, "invitation/wrong-code", "That code is not right.", { field: "/code" }),
  });
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery staple");
  await page.getByRole("button", { name: "Continue" }).click();
  await heading(page, "Add an authenticator");
}

export const peopleScenes: readonly Scene[] = [
  {
    name: "members",
    show: async (page, double) => {
      await openMembers(page, double);
      await page.getByText("Not delivered").waitFor();
    },
  },
  {
    name: "members-alone",
    show: async (page, double) => {
      const [own] = list().members;
      await openMembers(page, double, { "GET /members": { body: { members: [own], invitations: [] } } });
      await page.getByText("You are the only member").waitFor();
    },
  },
  {
    name: "members-unreachable",
    show: async (page, double) => {
      await openMembers(page, double, {
        "GET /members": problem(503, "store/busy", "The database is busy. Try again in a moment."),
      });
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "members-invite",
    show: async (page, double) => {
      await openMembers(page, double);
      await page.getByRole("button", { name: "Invite somebody" }).click();
      await page.getByRole("heading", { name: "Invite somebody" }).waitFor();
    },
  },
  {
    name: "members-invite-errors",
    show: async (page, double) => {
      await openMembers(page, double);
      await page.getByRole("button", { name: "Invite somebody" }).click();
      await page.getByLabel("Sender").uncheck();
      await page.getByRole("button", { name: "Send the invitation", exact: true }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "members-invited",
    show: async (page, double) => {
      await openMembers(page, double, {
        "POST /invitations": {
          status: 201,
          body: invited("z", { name: "Zoe Lam", address: "z.lam@riverside.example" }),
        },
      });
      await page.getByRole("button", { name: "Invite somebody" }).click();
      await page.getByLabel("Their work e-mail").fill("z.lam@riverside.example");
      await page.getByLabel("Their name").fill("Zoe Lam");
      await page.getByRole("button", { name: "Send the invitation", exact: true }).click();
      await page.getByText("The invitation for Zoe Lam is on its way").waitFor();
    },
  },
  {
    name: "members-resend-early",
    show: async (page, double) => {
      await openMembers(page, double, {
        "POST /invitations/*/mail": problem(429, "invitation/wait", "The invitation was mailed a moment ago."),
      });
      await page.getByRole("button", { name: "Send again the invitation of Uma Rao" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "members-roles-none",
    show: async (page, double) => {
      await openMembers(page, double);
      await page.getByRole("button", { name: "Change roles of Noah Berg" }).click();
      await page.getByRole("dialog").getByLabel("Sender").uncheck();
      await page.getByRole("button", { name: "Save the roles" }).click();
      await page.getByRole("dialog").getByText("Choose at least one role.").waitFor();
    },
  },
  {
    name: "members-remove",
    show: async (page, double) => {
      await openMembers(page, double);
      await page.getByRole("button", { name: "Remove Noah Berg" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "members-last-officer",
    show: async (page, double) => {
      const [own, officer] = list().members;
      const members = [{ ...own, roles: ["administrator"] }, officer];
      await openMembers(page, double, { "GET /members": { body: { members, invitations: [] } } });
      await page.getByRole("button", { name: /^Change roles of Inés/u }).click();
      await page.getByLabel("Compliance officer").uncheck();
      await page.getByText("Nobody else is a compliance officer.").waitFor();
    },
  },
  {
    name: "members-not-for-sender",
    show: (page, double) => openMembers(page, double, signedInAs(["sender"])),
  },
  {
    name: "transfers-not-for-administrator",
    show: async (page, double) => {
      base(double, signedInAs(["administrator"]));
      await open(page, double, "/");
      await page.getByText("An administrator does not see transfers.").waitFor();
    },
  },
  {
    name: "join",
    show: async (page, double) => {
      await openJoining(page, double);
      await heading(page, "Join Riverside Clinic");
    },
  },
  {
    name: "join-somebody-else",
    show: async (page, double) => {
      await openJoining(page, double, { "GET /me": { body: member } });
      await page.getByText("M. Okafor is signed in to Safeconduct in this browser.").waitFor();
    },
  },
  {
    name: "join-errors",
    show: async (page, double) => {
      await openJoining(page, double);
      await page.getByLabel("Your name").fill("");
      await page.getByLabel("Password", { exact: true }).fill("short");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  { name: "join-authenticator", show: toAuthenticator },
  {
    name: "join-wrong-code",
    show: async (page, double) => {
      await toAuthenticator(page, double);
      await page.getByLabel("6-digit code").fill("000000");
      await page.getByRole("button", { name: "Join" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "join-done",
    show: async (page, double) => {
      await toAuthenticator(page, double);
      await page.getByLabel("6-digit code").fill("402719");
      await page.getByRole("button", { name: "Join" }).click();
      await heading(page, "Welcome to Riverside Clinic");
    },
  },
  {
    name: "join-unavailable",
    show: async (page, double) => {
      await openJoining(page, double, {
        "POST /joining": problem(
          404,
          "invitation/unavailable",
          "This invitation does not work. It is used, withdrawn or older than 48 hours, or a newer mail replaced it. Ask your administrator to send it again; if you have joined already, sign in.",
        ),
      });
      await heading(page, "This invitation does not open");
    },
  },
  {
    name: "join-incomplete",
    show: async (page, double) => {
      base(double, { "GET /me": signedOut });
      await open(page, double, "/join#token=A");
      await heading(page, "This invitation is incomplete");
    },
  },
];
