/** Words of the later steps of set-up: keys, recovery key, test mail, done. */
import { inLanguage } from "../elements/language.ts";

const en = {
  keysTitle: "Keys for this browser",
  keysIntro: "You are signed in. To send files, this browser needs keys of its own.",
  notHere: "Not on this computer",
  notHereWhy: "You can do it later on another computer: the Send page asks for it. The command line works without.",
  recoveryTitle: "Print your recovery key",
  recoveryIntro:
    "If this browser loses its keys, this paper is your way back to what you have sent. Print it, then type its last group.",
  recoveryLater: "Do it later",
  mailTitle: "See whether mail arrives",
  mailIntro:
    "Recipients get a code by mail before anything opens. A test mail to your own address shows that this works.",
  mailSend: (address: string) => `Send a test mail to ${address}`,
  mailBusy: "Sending…",
  mailSent: (address: string) =>
    `The mail for ${address} was handed on. Look whether it arrived; it can take some minutes.`,
  mailLocal: "This evaluation instance sends no mail. What it would have sent lies in the local mailbox.",
  mailbox: "Open the local mailbox",
  mailFailed: "Without mail no recipient gets a code. Whoever runs this server can try it with the command",
  copyCommand: "Copy the command",
  goOn: "Continue",
  skip: "Skip this",
  doneTitle: (organisation: string) => `${organisation} is set up`,
  doneIntro: "You can send files now. They are encrypted in this browser before anything leaves it.",
  doneWithout: "This browser has no keys yet. It asks for them as soon as you send from here.",
  noRecoveryKey: "You have no recovery key yet. Make one on",
  account: "your account page",
  toSend: "Send files",
  toPortal: "See your transfers",
  commandLine: "Command line and scripts",
  commandIntro:
    "Whoever works in a terminal signs it in with this API token, which is shown only now. Others are made under “API tokens”.",
  copyToken: "Copy the API token",
  loginStep: "Sign the command line in. It asks for the token, so that the token never stands in a command.",
  loginJoin: "It shows a code then: type it on your account page under “Let a device in”.",
  sendStep: "Send a file. It prints the link that you give to the recipient.",
};

const es: typeof en = {
  keysTitle: "Claves para este navegador",
  keysIntro: "Ha iniciado sesión. Para enviar archivos, este navegador necesita claves propias.",
  notHere: "No en este ordenador",
  notHereWhy:
    "Puede hacerlo más tarde en otro ordenador: la página Enviar lo pedirá. La línea de comandos funciona sin ello.",
  recoveryTitle: "Imprima su clave de recuperación",
  recoveryIntro:
    "Si este navegador pierde sus claves, este papel es el camino de vuelta a lo que ha enviado. Imprímalo y escriba después su último grupo.",
  recoveryLater: "Hacerlo más tarde",
  mailTitle: "Compruebe si llega el correo",
  mailIntro:
    "Los destinatarios reciben un código por correo antes de que se abra nada. Un correo de prueba a su propia dirección muestra que funciona.",
  mailSend: (address) => `Enviar un correo de prueba a ${address}`,
  mailBusy: "Enviando…",
  mailSent: (address) => `El correo para ${address} se ha entregado. Mire si llegó; puede tardar unos minutos.`,
  mailLocal: "Esta instancia de evaluación no envía correo. Lo que habría enviado está en el buzón local.",
  mailbox: "Abrir el buzón local",
  mailFailed:
    "Sin correo ningún destinatario recibe un código. Quien administra este servidor puede probarlo con la orden",
  copyCommand: "Copiar la orden",
  goOn: "Continuar",
  skip: "Omitir",
  doneTitle: (organisation) => `${organisation} está configurada`,
  doneIntro: "Ya puede enviar archivos. Se cifran en este navegador antes de que salga nada.",
  doneWithout: "Este navegador aún no tiene claves. Las pedirá en cuanto envíe desde aquí.",
  noRecoveryKey: "Todavía no tiene clave de recuperación. Créela en",
  account: "su cuenta",
  toSend: "Enviar archivos",
  toPortal: "Ver sus envíos",
  commandLine: "Línea de órdenes y scripts",
  commandIntro:
    "Quien trabaja en un terminal inicia sesión con este token de API, que solo se muestra ahora. Otros se crean en «Tokens de API».",
  copyToken: "Copiar el token de API",
  loginStep: "Inicie sesión en la línea de comandos. Pide el token, para que nunca figure en una orden.",
  loginJoin: "Entonces muestra un código: escríbalo en su cuenta, en «Admitir un dispositivo».",
  sendStep: "Envíe un archivo. La orden imprime el enlace que usted entrega al destinatario.",
};

export const texts = inLanguage({ en, es });
