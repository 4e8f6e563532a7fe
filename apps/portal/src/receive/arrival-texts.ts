/** The words of the recipient's page up to its first button. */
import { inLanguage } from "../elements/language.ts";

const en = {
  opening: "One moment…",
  loading: "Looking the link up…",
  incomplete: {
    title: "This link is incomplete",
    body: "Part of the link is missing or damaged. Ask the sender to copy the whole link.",
    reloaded:
      "Did you reload this page, or did your device close it? Then open the link from your message again. Its secret part is removed from the address bar and is never stored on this device.",
  },
  unavailable: {
    title: "These files are no longer available",
    body: "Ask the sender to send them again.",
    why: "A link stops working when its time is over, when its limit is reached or when the sender stops it. For everyone’s privacy this page does not say which.",
    deleted: "Confirm that I deleted the files",
  },
  locked: {
    title: "This link is locked",
    body: "Too many wrong passcodes or codes were tried, so it does not open any more. Ask the sender for a fresh link.",
    why: "If it was not you who tried them, tell the sender that too: somebody else has this link and reads your mail.",
  },
  unreachable: "No connection",
  invitation: {
    title: (organisation: string) => `${organisation} sent you files`,
    from: "From",
    for: "for",
    until: { viewable: "You can view them until", downloadable: "You can download them until" },
    notBefore: "You can open them from",
    confirmHeading: "First, show that it is you",
    confirm: "We send a 6-digit code to",
    send: "Send me a code",
    sending: "Sending…",
    haveCode: "I have a code already",
    recordedTitle: "What is recorded?",
    recorded: (organisation: string) =>
      `${organisation} sees when you asked for a code, confirmed your address, opened the files and received them. No one on the way can read the files or their names: they are unlocked on this device only.`,
  },
};

const es: typeof en = {
  opening: "Un momento…",
  loading: "Consultando el enlace…",
  incomplete: {
    title: "Este enlace está incompleto",
    body: "Falta una parte del enlace o está dañada. Pida al remitente que copie el enlace entero.",
    reloaded:
      "¿Volvió a cargar esta página, o la cerró su dispositivo? Entonces abra de nuevo el enlace de su mensaje. Su parte secreta se quita de la barra de direcciones y nunca se guarda en este dispositivo.",
  },
  unavailable: {
    title: "Estos archivos ya no están disponibles",
    body: "Pida al remitente que los envíe de nuevo.",
    why: "Un enlace deja de funcionar cuando se acaba su tiempo, cuando se alcanza su límite o cuando el remitente lo detiene. Por la privacidad de todos, esta página no dice cuál fue la causa.",
    deleted: "Confirmar que eliminé los archivos",
  },
  locked: {
    title: "Este enlace está bloqueado",
    body: "Se probaron demasiadas claves o códigos erróneos, así que ya no se abre. Pida al remitente un enlace nuevo.",
    why: "Si no fue usted quien los probó, dígaselo también al remitente: otra persona tiene este enlace y lee su correo.",
  },
  unreachable: "Sin conexión",
  invitation: {
    title: (organisation: string) => `${organisation} le envió archivos`,
    from: "De",
    for: "para",
    until: { viewable: "Puede verlos hasta el", downloadable: "Puede descargarlos hasta el" },
    notBefore: "Puede abrirlos a partir del",
    confirmHeading: "Primero, demuestre que es usted",
    confirm: "Enviamos un código de 6 dígitos a",
    send: "Enviarme un código",
    sending: "Enviando…",
    haveCode: "Ya tengo un código",
    recordedTitle: "¿Qué se registra?",
    recorded: (organisation: string) =>
      `${organisation} ve cuándo pidió usted un código, confirmó su dirección, abrió los archivos y los recibió. Nadie en el camino puede leer los archivos ni sus nombres: solo se descifran en este dispositivo.`,
  },
};

export const texts = inLanguage({ en, es });
