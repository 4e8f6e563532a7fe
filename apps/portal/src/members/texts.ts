/** Words of the members page. */
import type { MemberRole } from "@safeconduct/contract";
import { inLanguage } from "../elements/language.ts";

const en = {
  title: "Members",
  intro: "Who works with Safeconduct at your organisation, and what each of them may do.",
  alone:
    "You are the only member, so you may do nearly everything and nobody else can. Invite a second administrator: only another administrator can change your roles, and you have nobody to stand in for you.",
  invite: "Invite somebody",
  inviteHeading: "Invite somebody",
  inviteIntro:
    "The invitation goes by mail to this address alone. Its link works once, for 48 hours; nobody else sees it, you neither.",
  address: "Their work e-mail",
  addressHint: "They sign in with it.",
  addressWrong: "Enter an e-mail address in the form name@example.org.",
  name: "Their name",
  nameHint: "They can correct it when they join.",
  nameWrong: "Enter their name, on one line and no longer than 120 characters.",
  roles: "Roles",
  rolesHint: "One person can have several.",
  rolesWrong: "Choose at least one role.",
  send: "Send the invitation",
  sending: "Sending…",
  invited: (name: string) => `The invitation for ${name} is on its way by mail.`,
  again: (name: string) => `A fresh invitation for ${name} is on its way. The link of the one before stopped working.`,
  withdrawn: (name: string) => `The invitation for ${name} is withdrawn.`,
  changed: (name: string) => `The roles of ${name} are changed. They hold from the next click on.`,
  removed: (name: string) => `${name} is removed.`,
  listHeading: "Members now",
  you: "you",
  ownRoles: "Another administrator changes your roles.",
  seen: (relative: string, at: string) => `Last seen ${relative} (${at})`,
  neverSeen: "Not seen yet",
  change: "Change roles",
  changeLabel: (name: string) => `Change roles of ${name}`,
  changeTitle: (name: string) => `What may ${name} do?`,
  save: "Save the roles",
  saving: "Saving…",
  remove: "Remove",
  removeLabel: (name: string) => `Remove ${name}`,
  removeTitle: (name: string) => `Remove ${name}?`,
  removeEffect:
    "They are signed out everywhere at once, their API tokens stop working, and invitations that they made are withdrawn.",
  removeTransfers:
    "What they sent stays open to its recipients until its end. A compliance officer sees it and can stop it.",
  lastOfficer:
    "Nobody else is a compliance officer. What colleagues sent could then be seen, stopped or held by nobody, and nobody could ask the log. Give somebody else that role first.",
  removeUndo: "This cannot be undone. To come back, they have to be invited anew.",
  removeNow: "Remove now",
  removing: "Removing…",
  invitationsHeading: "Invited",
  noInvitations: "No invitation is open.",
  waiting: (until: string, relative: string) => `The link works until ${until} (${relative}).`,
  waitingTag: "Waiting",
  expired: (at: string) => `The link stopped working ${at}. Send the invitation again if it is still wanted.`,
  expiredTag: "Expired",
  undelivered: (at: string) =>
    `The mail could not be delivered (${at}). Check the address, or ask whoever runs your mail server.`,
  undeliveredTag: "Not delivered",
  resend: "Send again",
  resendLabel: (name: string) => `Send again the invitation of ${name}`,
  withdraw: "Withdraw",
  withdrawLabel: (name: string) => `Withdraw the invitation of ${name}`,
  withdrawTitle: (name: string) => `Withdraw the invitation of ${name}?`,
  withdrawEffect: "The link in the mail stops working. You can invite them again at any time.",
  withdrawNow: "Withdraw now",
  withdrawing: "Withdrawing…",
  askAdministrator:
    "An administrator of your organisation invites people, sets roles and removes members. Ask one of them.",
  transfersTitle: "Transfers",
  auditTitle: "Audit",
  noAudit:
    "The audit log is for compliance officers. What happened to your own transfers stands in the history of each of them.",
  noTransfers:
    "An administrator does not see transfers. Senders see their own, compliance officers see all. If you need to, another administrator can give you one of these roles.",
  toMembers: "To the members",
  toTransfers: "To your transfers",
  role: {
    sender: "Sender",
    reviewer: "Reviewer",
    "compliance-officer": "Compliance officer",
    administrator: "Administrator",
  } satisfies Record<MemberRole, string>,
  roleMeans: {
    sender: "Sends files. Sees and stops their own transfers, not those of colleagues.",
    reviewer: "Looks at transfers that wait for a review. There are none yet, so this role alone shows an empty list.",
    "compliance-officer":
      "Sees all transfers and their history, stops them, places holds and takes certificates. This role alone neither sends nor opens files.",
    administrator: "Invites and removes members and sets their roles. Sees no transfers.",
  } satisfies Record<MemberRole, string>,
};

const es: typeof en = {
  title: "Miembros",
  intro: "Quién trabaja con Safeconduct en su organización, y qué puede hacer cada persona.",
  alone:
    "Usted es el único miembro, así que puede hacer casi todo y nadie más puede. Invite a un segundo administrador: solo otro administrador puede cambiar sus funciones, y no tiene a nadie que le sustituya.",
  invite: "Invitar a alguien",
  inviteHeading: "Invitar a alguien",
  inviteIntro:
    "La invitación va por correo solo a esta dirección. Su enlace funciona una vez, durante 48 horas; nadie más lo ve, usted tampoco.",
  address: "Su correo del trabajo",
  addressHint: "Con él iniciará sesión.",
  addressWrong: "Escriba una dirección de correo de la forma nombre@example.org.",
  name: "Su nombre",
  nameHint: "La persona puede corregirlo al incorporarse.",
  nameWrong: "Escriba su nombre, en una línea y con 120 caracteres como mucho.",
  roles: "Funciones",
  rolesHint: "Una persona puede tener varias.",
  rolesWrong: "Elija al menos una función.",
  send: "Enviar la invitación",
  sending: "Enviando…",
  invited: (name) => `La invitación para ${name} va de camino por correo.`,
  again: (name) => `Una invitación nueva para ${name} va de camino. El enlace anterior dejó de funcionar.`,
  withdrawn: (name) => `La invitación para ${name} está retirada.`,
  changed: (name) => `Las funciones de ${name} han cambiado. Valen desde su próxima acción.`,
  removed: (name) => `${name} ya no es miembro.`,
  listHeading: "Miembros actuales",
  you: "usted",
  ownRoles: "Sus funciones las cambia otro administrador.",
  seen: (relative, at) => `Última actividad ${relative} (${at})`,
  neverSeen: "Sin actividad todavía",
  change: "Cambiar funciones",
  changeLabel: (name) => `Cambiar funciones de ${name}`,
  changeTitle: (name) => `¿Qué puede hacer ${name}?`,
  save: "Guardar las funciones",
  saving: "Guardando…",
  remove: "Quitar",
  removeLabel: (name) => `Quitar a ${name}`,
  removeTitle: (name) => `¿Quitar a ${name}?`,
  removeEffect:
    "Se cierran enseguida todas sus sesiones, sus tokens de API dejan de funcionar y se retiran las invitaciones que hizo.",
  removeTransfers:
    "Lo que envió sigue abierto a sus destinatarios hasta su fin. Un responsable de cumplimiento lo ve y puede detenerlo.",
  lastOfficer:
    "Nadie más es responsable de cumplimiento. Entonces nadie podría ver, detener ni retener lo que enviaron los demás, ni consultar el registro. Dé antes esa función a otra persona.",
  removeUndo: "Esto no se puede deshacer. Para volver, habrá que invitar a esta persona de nuevo.",
  removeNow: "Quitar ahora",
  removing: "Quitando…",
  invitationsHeading: "Personas invitadas",
  noInvitations: "No hay invitaciones abiertas.",
  waiting: (until, relative) => `El enlace funciona hasta el ${until} (${relative}).`,
  waitingTag: "En espera",
  expired: (at) => `El enlace dejó de funcionar el ${at}. Envíe la invitación de nuevo si aún hace falta.`,
  expiredTag: "Vencida",
  undelivered: (at) =>
    `El correo no se pudo entregar (${at}). Revise la dirección o pregunte a quien lleva su servidor de correo.`,
  undeliveredTag: "No entregada",
  resend: "Enviar de nuevo",
  resendLabel: (name) => `Enviar de nuevo la invitación de ${name}`,
  withdraw: "Retirar",
  withdrawLabel: (name) => `Retirar la invitación de ${name}`,
  withdrawTitle: (name) => `¿Retirar la invitación de ${name}?`,
  withdrawEffect: "El enlace del correo deja de funcionar. Puede invitar de nuevo en cualquier momento.",
  withdrawNow: "Retirar ahora",
  withdrawing: "Retirando…",
  askAdministrator:
    "Un administrador de su organización invita a personas, asigna funciones y quita miembros. Diríjase a uno de ellos.",
  transfersTitle: "Envíos",
  auditTitle: "Auditoría",
  noAudit:
    "El registro de auditoría es para responsables de cumplimiento. Lo ocurrido con sus propios envíos figura en el historial de cada uno.",
  noTransfers:
    "Un administrador no ve los envíos. Los remitentes ven los suyos y los responsables de cumplimiento todos. Si lo necesita, otro administrador puede darle una de estas funciones.",
  toMembers: "Ir a los miembros",
  toTransfers: "Ir a sus envíos",
  role: {
    sender: "Remitente",
    reviewer: "Revisor",
    "compliance-officer": "Responsable de cumplimiento",
    administrator: "Administrador",
  },
  roleMeans: {
    sender: "Envía archivos. Ve y detiene sus propios envíos, no los de sus colegas.",
    reviewer:
      "Mira los envíos que esperan revisión. Aún no hay ninguno, así que esta función sola muestra una lista vacía.",
    "compliance-officer":
      "Ve todos los envíos y su historial, los detiene, pone retenciones y obtiene certificados. Esta función sola no envía ni abre archivos.",
    administrator: "Invita y quita miembros y asigna sus funciones. No ve los envíos.",
  },
};

export const texts = inLanguage({ en, es });
