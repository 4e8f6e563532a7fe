/** What mails say, in Spanish: formal, as a hospital writes. */
import type { AccountChange } from "../identity/account-change.ts";
import type { en } from "./texts.en.ts";

const accountAdvice = [
  "Si fue usted, no tiene que hacer nada.",
  "Si no fue usted, avise de inmediato a su administrador: es posible que otra persona pueda iniciar sesión en su nombre. Después inicie sesión como lo hace siempre y revise su cuenta. Este mensaje no contiene ningún enlace, a propósito.",
] as const;

const accountChanges: Readonly<Record<AccountChange, { subject: string; what: (when: string) => string }>> = {
  "passkey-added": {
    subject: "Se añadió una llave de acceso a su cuenta de Safeconduct",
    what: (when) =>
      `El ${when} se añadió una llave de acceso con la que puede iniciar sesión en Safeconduct sin su contraseña.`,
  },
  "passkey-removed": {
    subject: "Se quitó una llave de acceso de su cuenta de Safeconduct",
    what: (when) =>
      `El ${when} se quitó una llave de acceso de su cuenta. Ya no sirve para iniciar sesión en Safeconduct.`,
  },
  "password-changed": {
    subject: "Se cambió la contraseña de su cuenta de Safeconduct",
    what: (when) => `El ${when} se cambió la contraseña de su cuenta. Se cerraron las demás sesiones abiertas.`,
  },
};

export const es: typeof en = {
  code: ({ organisation, code, minutes }) => ({
    subject: `Su código para los archivos de ${organisation}`,
    parts: [
      `${organisation} le ha enviado archivos mediante Safeconduct.`,
      { label: "Su código", code },
      `Escríbalo en la página que abrió. Sirve una sola vez, durante ${minutes} minutos.`,
      "Si usted no abrió ningún enlace, no haga caso de este mensaje. Nadie le pedirá nunca este código por teléfono.",
    ],
  }),
  deletionCode: ({ organisation, code, minutes }) => ({
    subject: `Su código para confirmar una eliminación a ${organisation}`,
    parts: [
      `Usted desea confirmar que ha eliminado archivos que ${organisation} le envió mediante Safeconduct.`,
      { label: "Su código", code },
      `Escríbalo en la página que abrió cuando todas las copias estén eliminadas. Sirve una sola vez, durante ${minutes} minutos, y no abre ningún archivo.`,
      "Si usted no lo pidió, no haga caso de este mensaje. Nadie le pedirá nunca este código por teléfono.",
    ],
  }),
  problem: () => ({
    subject: "Un destinatario informó de un problema con archivos que usted envió",
    parts: [
      "Una persona a la que usted envió archivos mediante Safeconduct le informa de que hay un problema con ellos.",
      "Cuál es, y con qué archivos, consta junto al destinatario en la página «Envíos». Inicie sesión como lo hace siempre; este mensaje no contiene ningún enlace, a propósito.",
    ],
  }),
  account: ({ change, when }) => ({
    subject: accountChanges[change].subject,
    parts: [accountChanges[change].what(when), ...accountAdvice],
  }),
  invitation: ({ organisation, inviter, link, hours }) => ({
    subject: `${organisation} le invita a Safeconduct`,
    parts: [
      `${inviter} le ha invitado a unirse a ${organisation} en Safeconduct, con el que la organización envía archivos cifrados a personas externas.`,
      { label: "Abra esta página para unirse", link },
      `El enlace sirve una sola vez, durante ${hours} horas. Allí elegirá una contraseña y añadirá un autenticador. Tenga a mano un teléfono o un gestor de contraseñas que muestre códigos de inicio de sesión.`,
      "Si no espera esta invitación, pregunte a la persona que le invitó o no haga caso de este mensaje. Nadie le pedirá nunca su contraseña por teléfono ni por correo.",
    ],
  }),
  memberTest: ({ name, organisation }) => ({
    subject: "Mensaje de prueba de Safeconduct",
    parts: [
      `${name}, de ${organisation}, pidió este mensaje para comprobar si llega el correo de Safeconduct.`,
      "Si puede leerlo, los destinatarios recibirán sus códigos. No hace falta responder.",
    ],
  }),
  serverTest: () => ({
    subject: "Mensaje de prueba de Safeconduct",
    parts: [
      "Esta es una prueba del servidor de correo con el que está configurado Safeconduct.",
      "Si puede leerla, las personas recibirán sus códigos. No hace falta responder.",
    ],
  }),
};
