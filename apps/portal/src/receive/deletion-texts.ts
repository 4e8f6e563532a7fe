/** The words with which a recipient confirms, after the end of a link, that copies are deleted. */
import { inLanguage } from "../elements/language.ts";

const en = {
  intro:
    "If you downloaded these files and the sender asked you to delete them, you can still say that you have done so. First we mail you a code, to be sure that it is you.",
  address: "Your e-mail address",
  addressHint: "The address at which you received this link.",
  addressWrong: "Enter the e-mail address at which you received this link, such as name@practice.example.",
  send: "Send me a code",
  sending: "Sending…",
  sent: (address: string, minutes: number) =>
    `If this link came to ${address}, it has ended and its sender asked for the copies to be deleted, then a code is on its way. It works for ${minutes} minutes.`,
  sentWhy: "For everyone’s privacy this page answers the same for every link and every address.",
  code: "6-digit code",
  codeHint: "From the message that we sent you. Check the spam folder too.",
  codeWrong: "Enter the 6 digits of the code.",
  sure: "Confirm only once every copy is deleted, also from the downloads folder, the trash and backups that you can reach. The sender will see that you said so.",
  confirm: "Yes, all copies are deleted",
  confirming: "One moment…",
  again: "Send another code",
  againIn: (seconds: number) => `You can ask for another code in ${seconds} s.`,
  againSent: "Asked for another code. Only the newest one works.",
  other: "Use another address",
  told: "Thank you. The sender sees that you have deleted your copies.",
};

const es: typeof en = {
  intro:
    "Si descargó estos archivos y el remitente le pidió que los eliminara, todavía puede comunicar que lo ha hecho. Primero le enviamos un código por correo, para asegurarnos de que es usted.",
  address: "Su dirección de correo",
  addressHint: "La dirección en la que recibió este enlace.",
  addressWrong: "Escriba la dirección de correo en la que recibió este enlace, por ejemplo nombre@consulta.example.",
  send: "Enviarme un código",
  sending: "Enviando…",
  sent: (address, minutes) =>
    `Si este enlace llegó a ${address}, ha terminado y su remitente pidió que se eliminaran las copias, entonces hay un código en camino. Vale durante ${minutes} minutos.`,
  sentWhy: "Por la privacidad de todos, esta página responde lo mismo para cualquier enlace y cualquier dirección.",
  code: "Código de 6 dígitos",
  codeHint: "Del mensaje que le enviamos. Mire también en la carpeta de correo no deseado.",
  codeWrong: "Escriba los 6 dígitos del código.",
  sure: "Confírmelo solo cuando todas las copias estén eliminadas, también de la carpeta de descargas, de la papelera y de las copias de seguridad a su alcance. El remitente verá que usted lo ha dicho.",
  confirm: "Sí, todas las copias están eliminadas",
  confirming: "Un momento…",
  again: "Enviar otro código",
  againIn: (seconds) => `Podrá pedir otro código en ${seconds} s.`,
  againSent: "Se pidió otro código. Solo vale el más reciente.",
  other: "Usar otra dirección",
  told: "Gracias. El remitente ve que usted ha eliminado sus copias.",
};

export const texts = inLanguage({ en, es });
