/** The words of the recipient's page in Spanish. */
import type { Words } from "./texts.en.ts";

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

export const es: Words = {
  code: {
    label: "Código de 6 dígitos",
    sent: (address) => `Lo enviamos a ${address}.`,
    life: (minutes) => `Sirve durante ${count(minutes, "minuto", "minutos")}.`,
    older: (address) => `Está en un mensaje a ${address}, de hace 10 minutos como mucho.`,
    wrong: "Escriba los seis dígitos del mensaje más reciente.",
    submit: "Continuar",
    busy: "Comprobando…",
    notReceivedTitle: "¿No lo ha recibido?",
    notReceived:
      "Espere un minuto y mire en la carpeta de correo no deseado. Si la dirección de arriba no es la suya, pida al remitente que envíe los archivos a la correcta.",
    again: "Enviar un código nuevo",
    againIn: (seconds) => `Puede pedir un código nuevo dentro de ${count(seconds, "segundo", "segundos")}.`,
    againSent: "Un código nuevo está en camino. Los anteriores ya no sirven.",
  },
  passcode: {
    title: "Un paso más: la clave de acceso",
    label: "Clave de acceso",
    hint: (sender) =>
      `${sender} se la dijo aparte de este enlace, por teléfono por ejemplo. No importan las mayúsculas, los espacios ni los guiones.`,
    submit: "Abrir los archivos",
    busy: "Comprobando…",
    helpTitle: "¿No la sabe?",
    help: (sender, organisation) =>
      `Llame a ${sender} de ${organisation}, a un número que ya conozca, y pídasela. No está en su correo. Después de diez intentos erróneos este enlace se cierra para siempre.`,
  },
  authenticator: {
    title: "Un paso más: su autenticador",
    label: "Código de su aplicación de autenticación",
    hint: (organisation) =>
      `Los seis dígitos que su aplicación muestra para ${organisation}. Cambian cada medio minuto.`,
    wrong: "Escriba los seis dígitos que muestra la aplicación.",
    refused:
      "Ese código no fue aceptado. Espere al siguiente y escríbalo; cada uno abre una sola vez. Después de varios erróneos pasa un rato hasta que el siguiente cuenta.",
    submit: "Abrir los archivos",
    busy: "Comprobando…",
    helpTitle: "¿Ya no tiene la aplicación?",
    help: (sender, organisation) =>
      `Llame a ${sender} de ${organisation}, a un número que ya conozca, y pida un enlace nuevo con una clave de acceso. También pueden quitar la aplicación perdida.`,
  },
  passkey: {
    title: "Un paso más: su llave de acceso",
    body: (organisation) =>
      `Use la llave de acceso (passkey) que añadió para ${organisation}. Su dispositivo le pide la huella, la cara o el PIN.`,
    submit: "Usar mi llave de acceso",
    busy: "Esperando a su dispositivo…",
    cancelled:
      "No se usó ninguna llave de acceso. Inténtelo de nuevo. Si su dispositivo no encuentra ninguna, abra el enlace en el dispositivo con el que la añadió.",
    unsupported:
      "Este navegador no puede usar llaves de acceso aquí. Abra el enlace en el navegador con el que añadió la suya.",
    refused: (organisation) =>
      `Esa llave de acceso no fue aceptada. Elija la que nombra a ${organisation} y su dirección. Después de varios intentos erróneos pasa un rato hasta que el siguiente cuenta.`,
    helpTitle: "¿Ya no tiene la llave de acceso?",
    help: (sender, organisation) =>
      `Llame a ${sender} de ${organisation}, a un número que ya conozca, y pida un enlace nuevo con una clave de acceso. También pueden quitar la llave perdida.`,
  },
  ownFactors: {
    offerHeading: "La próxima vez, sin clave de acceso",
    offer: (organisation) =>
      `Añada una llave de acceso o una aplicación de autenticación para ${organisation}. Los remitentes de allí podrán pedirla, y no tendrán que llamarle con una clave.`,
    offerApp: (organisation) =>
      `Añada una aplicación de autenticación para ${organisation}. Los remitentes de allí podrán pedir su código, y no tendrán que llamarle con una clave.`,
    offerPasskey: (organisation) =>
      `Añada una llave de acceso para ${organisation}. Los remitentes de allí podrán pedirla, y no tendrán que llamarle con una clave.`,
    begin: "Añadir una aplicación de autenticación",
    addHeading: "Añada su aplicación de autenticación",
    scanLabel: "Código QR para su aplicación de autenticación",
    scan: "Escanee este código con la aplicación.",
    typeSecret: "O escriba esto en ella. Solo se muestra ahora:",
    code: "Los seis dígitos que muestra la aplicación",
    finish: "Añadirla",
    busy: "Comprobando…",
    added: (organisation) => `Su aplicación de autenticación está añadida para ${organisation}.`,
    removeTitle: "Su aplicación de autenticación",
    removeBody: (organisation) =>
      `Puede quitarla de ${organisation}, por ejemplo cuando cambie de teléfono. Los enlaces que la piden ya no se abren; el siguiente viene otra vez con una clave de acceso.`,
    remove: "Quitar mi aplicación de autenticación",
    removed: "Se quitó su aplicación de autenticación.",
    addPasskey: "Añadir una llave de acceso",
    passkeyAdded: (organisation) => `Su llave de acceso está añadida para ${organisation}.`,
    passkeyCancelled: "No se añadió ninguna llave de acceso.",
    passkeyKnown: "Este dispositivo ya tiene una llave de acceso para esta organización.",
    passkeyUnsupported: "Este navegador no puede añadir una llave de acceso aquí.",
    passkeyTitle: "Sus llaves de acceso",
    passkeyBody: (organisation) =>
      `Puede añadir otra para ${organisation}, por ejemplo en un segundo dispositivo, hasta cinco. O quitarlas todas: los enlaces que piden una llave ya no se abren, y el siguiente viene otra vez con una clave de acceso.`,
    addAnotherPasskey: "Añadir otra llave de acceso",
    removePasskeys: "Quitar mis llaves de acceso",
    passkeysRemoved: "Se quitaron sus llaves de acceso.",
  },
  unlocking: {
    title: "Descifrando los archivos",
    body: "En este dispositivo se obtienen las claves y se comprueba el sello del remitente.",
    failedTitle: "No se pudieron abrir estos archivos",
    failed:
      "El enlace no corresponde a los archivos, o alguien los cambió en el camino. No se guardó nada. Pida al remitente que los envíe de nuevo y cuéntele lo que dijo esta página.",
  },
  problem: {
    title: "¿Algo no está bien?",
    legend: (sender) => `¿Qué debe saber ${sender}?`,
    kinds: {
      "wrong-person": "Esto no es para mí",
      "cannot-open": "No puedo abrir los archivos",
      "missing-file": "Falta un archivo",
      "wrong-patient": "Son archivos de otro paciente",
      other: "Hay otro problema",
    },
    why: "No hay campo de texto, para que no se escriba nada de un paciente donde otros puedan leerlo. Para los detalles, llame.",
    choose: "Elija qué no está bien.",
    tell: (sender) => `Avisar a ${sender}`,
    told: (sender) =>
      `Se avisó a ${sender}. Si estos archivos no son para usted, cierre esta página y elimine lo que haya guardado.`,
  },
  terms: {
    title: "Antes de abrir los archivos",
    heading: (sender) => `${sender} le pide que acepte estas condiciones`,
    purpose: (purpose) => `Los archivos son para ${purpose}, y para nada más.`,
    viewOnly: "Puede ver los archivos aquí. No se pueden guardar, imprimir ni fotografiar.",
    noCopies: "No puede conservar copias: elimine lo que haya guardado en cuanto lo haya leído.",
    copies: "Puede conservar copias.",
    copiesDays: (days) =>
      `Puede conservar copias. Elimínelas en un plazo de ${count(days, "día", "días")} desde que acepte estas condiciones.`,
    closes: "Este enlace se cierra 15 minutos después de que hayan llegado todos los archivos.",
    accept: "Aceptar y abrir los archivos",
    busy: "Un momento…",
    cannotTitle: "¿No puede aceptarlas?",
    cannot: (sender) =>
      `Entonces cierre esta página: no se abrió nada. Pida a ${sender} que envíe los archivos de nuevo con otras condiciones.`,
    acceptedHeading: "Las condiciones que aceptó",
    deleteBy: "Elimine sus copias antes del",
    deleted: "He eliminado mis copias",
    deletedSure: (organisation) =>
      `¿Ha eliminado todas las copias, también de la carpeta de descargas, de la papelera y de las copias de seguridad a su alcance? ${organisation} verá que usted lo ha dicho.`,
    deletedYes: "Sí, todas las copias están eliminadas",
    deletedNo: "Todavía no",
    deletedTold: (organisation) => `Gracias. ${organisation} ve que usted ha eliminado sus copias.`,
  },
  files: {
    title: (number) => `${count(number, "archivo", "archivos")} para usted`,
    from: (sender, organisation) =>
      `De ${sender}, ${organisation}. El sello es del propio remitente, y cada archivo se comprueba mientras llega.`,
    all: "Descargar todo",
    listHeading: "Archivos",
    view: "Ver",
    viewLabel: (name: string) => `Ver ${name}`,
    viewLoading: "Abriendo el visor…",
    viewFailed: "No se pudo cargar el visor. Compruebe la conexión e inténtelo de nuevo.",
    notViewable:
      "Este tipo de archivo no se puede mostrar aquí y el remitente no permite descargarlo. Consulte al remitente.",
    download: "Descargar",
    downloadLabel: (name) => `Descargar ${name}`,
    again: "Descargar de nuevo",
    againLabel: (name) => `Descargar de nuevo: ${name}`,
    cancel: "Cancelar",
    cancelLabel: (name) => `Cancelar ${name}`,
    waiting: "Esperando su turno",
    retrying: "Se perdió la conexión. Intentando de nuevo…",
    running: (done, all) => `${done} de ${all}`,
    progressLabel: (name) => `Progreso de ${name}`,
    verified: "Llegó entero y comprobado",
    announced: (name) => `${name} llegó entero y fue comprobado.`,
    cancelled: "Cancelado. No se conservó nada.",
    failed: "No descargado.",
    tooLargeHere: (limit) =>
      `Este navegador no puede guardar con seguridad un archivo de más de ${limit}. Use Chrome o Edge en un ordenador, o la línea de comandos:`,
    command: "npx safeconduct receive 'LINK'",
    commandLabel: "Copiar la orden",
    commandHint: "Ponga su enlace entero en lugar de LINK y conserve las comillas.",
    arrivedAll: "Todos los archivos llegaron enteros",
    arrivedShown: "Todos los archivos que se pueden mostrar aquí llegaron enteros",
    told: (arrived, organisation) => `${arrived}. Se lo comunicamos a ${organisation}.`,
    untold: (arrived, organisation) => `${arrived}, pero no se pudo comunicar a ${organisation}.`,
    telling: (arrived, organisation) => `${arrived}. Comunicándolo a ${organisation}…`,
    tellAgain: "Intentar comunicarlo de nuevo",
    keptTitle: "¿En un ordenador compartido?",
    kept: "Esta página no guarda nada: ciérrela y las claves desaparecen. Los archivos descargados quedan en la carpeta en la que los guardó; bórrelos allí.",
    endsAt: { viewable: "Puede verlos hasta el", downloadable: "Puede descargarlos hasta el" },
    viewOnly: "El remitente le permite ver estos archivos aquí, no guardarlos.",
    sessionEnded:
      "Su confirmación ha terminado porque pasó una hora. Confirme su dirección otra vez para seguir. Las descargas terminadas se conservan.",
    confirmAgain: "Confirmar de nuevo",
  },
};
