/** The words of the transfers page in Spanish. */
import type { Words } from "./texts.en.ts";

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

export const es: Words = {
  title: "Envíos",
  intro: "Lo que su organización ha enviado y lo que pasó con ello.",
  fresh: "Esta lista se actualiza sola.",
  paused: "Las actualizaciones se detuvieron mientras usted no estaba.",
  stale: "No se pudo actualizar la lista. Muestra lo que se sabía antes.",
  older: "Mostrar envíos anteriores",
  olderBusy: "Cargando…",
  emptyTitle: "Aún no se ha enviado nada",
  emptyIntro:
    "Hoy los archivos se envían desde la línea de comandos. Se cifran en su ordenador antes de que nada salga de él.",
  emptyLogin: "Inicie sesión una vez en la línea de comandos. Pide un token de API, que puede crear aquí.",
  emptySend:
    "Envíe un archivo. La orden muestra un enlace para cada destinatario; el enlace es secreto, así que délo solo a esa persona.",
  emptyWatch: "Vuelva a esta página para ver si se abrió, o para detenerlo.",
  makeToken: "Crear un token de API",
  heading: (first, others) =>
    others === 0 ? `Para ${first}` : `Para ${first} y ${count(others, "persona más", "personas más")}`,
  headingDraft: "Aún sin enviar",
  facts: (purpose, size, sender, when) => `Para: ${purpose} · ${size} cifrados · enviado por ${sender} · ${when}`,
  uploading: (held, all) => `Han llegado ${held} de ${all} partes.`,
  certificate: "Certificado",
  certificateLabel: (heading) => `Certificado de custodia: ${heading}`,
  history: "Historial",
  historyLabel: (heading) => `Historial: ${heading}`,
  revokeAll: "Revocar todo",
  revokeAllLabel: (heading) => `Revocar a todos los destinatarios: ${heading}`,
  revoke: "Revocar",
  locked:
    "Se probaron diez claves de acceso erróneas, así que este enlace está bloqueado. Envíe los archivos de nuevo, con una clave nueva.",
  codeUndelivered: (at) =>
    `No se pudo enviar por correo el código pedido (${at}). Compruebe la dirección y diga al destinatario que lo pida más tarde.`,
  revokeLabel: (address) => `Revocar a ${address}`,
  custodyOf: (address) => `Línea de custodia de ${address}`,
  showEnded: (recipients) => `Mostrar la línea de custodia de ${count(recipients, "destinatario", "destinatarios")}`,
  until: (when, relative) => `Puede descargar hasta el ${when} (${relative})`,
  from: (when, relative) => `Puede descargar a partir del ${when} (${relative})`,
  endedAt: (when) => `El acceso terminó el ${when}`,
  revokedAnnounced: "Revocado. La lista lo muestra.",
  confirmGrantTitle: (address) => `¿Detener a ${address}?`,
  confirmGrant:
    "El enlace deja de funcionar al instante y su parte de la clave se destruye. Los demás destinatarios no se ven afectados. Esto no se puede deshacer.",
  confirmTransferTitle: "¿Detener este envío para todos?",
  confirmTransfer: (recipients) =>
    `Los enlaces de ${count(recipients, "destinatario", "destinatarios")} dejan de funcionar al instante. Las partes de la clave se destruyen, y con ellas todas las copias de los archivos cifrados. Esto no se puede deshacer.`,
  confirmKept: "Los archivos que ya se descargaron quedan en manos de quien los tiene.",
  revokeNow: "Revocar ahora",
  revoking: "Revocando…",
  transferState: {
    draft: "Subiendo",
    active: "Activo",
    expired: "Caducado",
    revoked: "Revocado",
    destroyed: "Destruido",
    abandoned: "Abandonado",
  },
  grantState: {
    pending: "Enlace aún sin abrir",
    confirmed: "Dirección confirmada",
    used: "Archivos entregados",
    expired: "Caducado",
    revoked: "Revocado",
    capped: "Límite alcanzado",
  },
  custody: {
    sealed: "Sellado",
    confirmed: "Confirmado",
    released: "Entregado",
    receipt: "Acuse",
    ended: "Terminado",
    destroyed: "Destruido",
    onDevice: "en el dispositivo del remitente",
    byCode: "con código por correo",
    releases: (releases, cap) =>
      cap === 0 ? count(releases, "entrega", "entregas") : `${releases} de ${count(cap, "entrega", "entregas")}`,
    arrivedWhole: "llegó entero",
    notYet: "aún no",
    never: "no ocurrió",
    dueAt: "previsto",
    afterEnd: "después del final",
    why: { expired: "se acabó el tiempo", revoked: "revocado", capped: "límite alcanzado" },
    unreadable: "clave destruida",
    stands: "está aquí",
  },
};
