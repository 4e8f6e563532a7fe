/** What a person reads of each problem, in Spanish, by its code. Loaded only where Spanish is the language of the page. */
export const problemWords: Readonly<Record<string, string>> = {
  "audit/time-reversed": "El periodo termina antes de empezar. Ponga un final posterior al principio.",
  "client/view-only":
    "El remitente permite ver estos archivos, no guardarlos. Abra el enlace en un navegador; si necesita conservarlos, pídale que los envíe para descargar.",
  "client/bad-card": "Una tarjeta está mal escrita. Cada una tiene 64 letras y cifras en grupos de 8.",
  "client/bad-code": "Ese código está mal escrito. Escríbalo como lo muestra el dispositivo nuevo: 24 letras y cifras.",
  "client/bad-link":
    "Este enlace está incompleto o dañado. Pida al remitente que copie el enlace entero, desde http hasta el último carácter.",
  "client/bad-passcode":
    "Una clave de acceso tiene al menos 8 letras o cifras, y 5 de ellas distintas. Compárela con lo que le dijeron.",
  "client/bad-recovery-key":
    "Esa clave de recuperación no abre su cuenta. Compruebe cada letra, y que sea la última que imprimió.",
  "client/clock-wrong":
    "El reloj de este ordenador y el del servidor difieren en más de 5 minutos, así que el enlace terminaría a otra hora que la elegida. Ponga este reloj en hora y envíe de nuevo; si está bien, avise a su administrador.",
  "client/damaged-transfer":
    "La respuesta del servidor llegó dañada una y otra vez. Inténtelo más tarde o desde otra red.",
  "client/device-removed": "Este dispositivo se quitó desde otro de los suyos. Puede volver a añadirlo en su cuenta.",
  "client/links-lost":
    "Este envío se selló, pero sus enlaces no se guardaron. Cree un enlace nuevo para cada destinatario en Envíos.",
  "client/no-such-device": "No tiene ningún otro dispositivo con ese identificador.",
  "client/no-such-recovery": "No existe esa solicitud de recuperación, o pasaron sus 24 horas.",
  "client/no-such-request":
    "Ningún dispositivo con ese código espera para entrar. Los códigos duran 15 minutos: empiece de nuevo en el dispositivo nuevo. Si vuelve a pasar, puede que haya alguien en medio: avise a su administrador.",
  "client/not-genuine":
    "Lo que envió el servidor no viene del remitente de este enlace, así que no se abrió nada. Avise al remitente.",
  "client/other-devices":
    "El servidor no muestra los dispositivos que usted conoce, firmados como deben estar, así que no se hizo nada. Si empezó de nuevo en otro dispositivo, añada este otra vez en su cuenta; si no, avise a su administrador.",
  "client/other-key-service":
    "El servicio de claves de este servidor no es el que este dispositivo fijó al registrarse, así que no se envió nada. Pregunte a su administrador si se instaló de nuevo.",
  "client/other-sender":
    "Este envío lo empezó otro dispositivo u otra cuenta, y solo ese puede continuarlo. Envíe los archivos de nuevo.",
  "client/recovery-key-new":
    "El servidor muestra una clave de recuperación de su organización que este dispositivo no conoce. Pida su huella a quien hizo las tarjetas, no a través de este servidor. Si nadie hizo tarjetas, avise a su administrador.",
  "client/recovery-key-old":
    "El servidor no muestra la clave de recuperación de su organización que este dispositivo conoce, o muestra una anterior, así que no se envió nada. Avise a su administrador.",
  "client/removed-device-sealed":
    "Este envío lo selló un dispositivo que usted quitó después. Si lo quitó porque se lo robaron, envíe los archivos de nuevo.",
  "client/same-card": "Es la misma tarjeta dos veces. Hacen falta dos tarjetas distintas de la misma clave.",
  "client/sending-over":
    "Este envío ha terminado: se abandonó, se revocó o esperó más de un día. Nada de él está abierto para nadie. Envíe los archivos de nuevo.",
  "client/wrong-cards":
    "Estas tarjetas no abren este envío: son de claves distintas, o de otra que la que se usaba cuando se envió.",
  "device/bad-signature": "Esta petición no la firmó el dispositivo que nombra, así que no se hizo nada.",
  "device/chain-moved": "Sus dispositivos se cambiaron desde otro en el mismo momento. Inténtelo de nuevo.",
  "device/chain-refused": "Ese cambio de sus dispositivos no encaja con lo que había antes, así que no se cambió nada.",
  "device/conflict": "Hay un dispositivo con ese identificador y otras claves. Empiece de nuevo en este.",
  "device/join-required":
    "Ya tiene un dispositivo, y ese debe dejar entrar a este. Si los perdió todos, use su clave de recuperación impresa.",
  "device/removed": "Este dispositivo se quitó de su cuenta. Para usarlo otra vez, añádalo de nuevo en su cuenta.",
  "device/too-many": "Tiene tantos dispositivos como puede tener un miembro. Quite uno que no use.",
  "device/too-many-requests": "Demasiados dispositivos suyos esperan para entrar. Espere un cuarto de hora.",
  "device/unknown": "Este dispositivo no está registrado para usted. Regístrelo en su cuenta.",
  "envelope/cannot-open": "Este paquete no se puede abrir. Pida al remitente que lo envíe de nuevo.",
  "envelope/duplicate-path":
    "Dos archivos tienen el mismo nombre, o nombres que algunos sistemas toman por el mismo. Cambie uno.",
  "envelope/file-changed": "Un archivo cambió mientras se cifraba. Ciérrelo en los demás programas y envíelo de nuevo.",
  "envelope/invalid-path":
    "Un nombre de archivo no se puede usar en todos los sistemas. Cambie el nombre o acepte el propuesto.",
  "envelope/no-files": "No hay ningún archivo para enviar. Elija al menos uno.",
  "envelope/package-too-large": "Los archivos suman más de 1 TiB. Envíelos en varios paquetes.",
  "envelope/too-many-files":
    "Hay más de 10.000 archivos. Póngalos en un archivo comprimido, o envíelos en varios paquetes.",
  "factor/already-enrolled":
    "Su dirección ya tiene uno en esta organización. Úselo para abrir archivos, quítelo allí, o pida al remitente que lo quite.",
  "factor/code-refused":
    "Ese código no es correcto, o ya se usó. Compruebe el reloj de su dispositivo y escriba el siguiente código que muestre la aplicación.",
  "factor/not-begun": "Esto ya no se puede añadir. Empiece de nuevo.",
  "factor/not-enrolled": "Esta dirección no ha añadido eso.",
  "factor/passkey-refused":
    "Esa llave de acceso no se puede usar aquí. Empiece de nuevo y confirme con su huella, su cara o su PIN.",
  "factor/too-many":
    "Su dirección tiene tantas llaves de acceso en esta organización como puede tener. Quítelas para empezar de nuevo.",
  "grant/already-ended": "El enlace de este destinatario ya terminó.",
  "grant/closed-by-officer":
    "Un responsable de cumplimiento cerró por ahora el enlace de este destinatario. Pida a un responsable de cumplimiento de su organización que lo abra de nuevo.",
  "grant/code-refused":
    "Ese código no es correcto, o tiene más de 10 minutos. Mire el mensaje más reciente, o pida un código nuevo.",
  "grant/code-wait":
    "Se envió un código hace un momento. Mire su correo, también el no deseado, y pida otro más tarde.",
  "grant/factor-refused":
    "No fue aceptado. Compruebe lo que escribió e inténtelo de nuevo; después de varios intentos erróneos pasa un rato hasta que el siguiente cuenta.",
  "grant/factor-required": "Estos archivos necesitan una segunda prueba además del código por correo. Dela primero.",
  "grant/locked":
    "Se probaron demasiadas claves o códigos erróneos, así que este enlace está cerrado para siempre. Pida al remitente uno nuevo.",
  "grant/not-opened":
    "Estos archivos nunca se abrieron con este enlace, así que no se puede confirmar su llegada ni su eliminación.",
  "grant/not-yet": "Estos archivos aún no se pueden abrir. Vuelva a la hora que muestra la página.",
  "grant/report-changed":
    "Lo que comunicó este destinatario no es lo que usted ha visto: lo comunicó de nuevo, o se borró. Mírelo otra vez y después márquelo.",
  "grant/reported-enough":
    "Ya se avisó bastantes veces al remitente de problemas con este enlace. Llámele a un número que ya conozca.",
  "grant/session-required": "Primero confirme su dirección con un código.",
  "grant/terms-not-accepted":
    "El remitente le pide que acepte antes unas condiciones: para qué son los archivos, si puede conservar copias y durante cuánto tiempo. Léalas y acéptelas.",
  "grant/unavailable":
    "Estos archivos no están disponibles. El enlace puede estar incompleto, usado, retirado o pasado de fecha. Pida al remitente que los envíe de nuevo.",
  "grant/unknown": "Este envío no tiene ese destinatario.",
  "hold/none": "Este envío no tiene esa retención.",
  "hold/too-late": "Las claves de este envío están destruidas. Ya no se puede conservar nada de él.",
  "hold/too-many": "Este envío tiene tantas retenciones como puede tener. Levante una antes.",
  "http/unreachable": "No se puede contactar con el servidor. Compruebe la conexión e inténtelo de nuevo.",
  "http/unreadable": "No se pudo entender la respuesta del servidor. Inténtelo de nuevo dentro de un momento.",
  "identity/address-taken": "Otro miembro inicia sesión con esta dirección. Use una distinta.",
  "identity/already-enrolled": "Este miembro ya tiene una cuenta. Inicie sesión con ella.",
  "identity/password-characters":
    "La contraseña tiene un carácter que no todos los dispositivos escriben igual. Use otro.",
  "identity/password-guessable":
    "Esta contraseña es fácil de adivinar: está hecha de palabras comunes, secuencias o su propio nombre. Use unas cuantas palabras que no tengan nada en común.",
  "identity/password-too-long": "Use una contraseña de 128 caracteres como mucho.",
  "identity/password-too-short":
    "Use una contraseña de al menos 15 caracteres. Unas cuantas palabras son más fáciles que los signos.",
  "keys/bad-authorisation": "El servicio de claves no acepta esta autorización. Pida una nueva.",
  "keys/bad-confirmation":
    "El servicio de claves no acepta esta confirmación. La firma otra clave, o es de una alarma que ya pasó.",
  "keys/bad-share": "La parte sellada de la clave o sus condiciones no son de este envío y destinatario.",
  "keys/capped": "Este enlace se abrió tantas veces como permiten sus condiciones.",
  "keys/clock-agrees": "Los relojes del servicio de claves coinciden. No hay nada que confirmar.",
  "keys/clock-stopped":
    "Los relojes del servicio de claves no coinciden, así que el paso del tiempo no destruye nada. Ponga el reloj en hora, o haga que dos custodios lo confirmen.",
  "keys/clocks-differ":
    "El reloj de su ordenador y el del servicio de claves difieren en más de 2 minutos, así que uno está mal. No se confirma nada.",
  "keys/conflict": "Este identificador ya se usa con otro contenido.",
  "keys/ended": "Este enlace ha terminado. Pida al remitente uno nuevo.",
  "keys/held": "Este envío se conserva por una retención. Nada de él se destruye hasta que se levante la última.",
  "keys/ledger-not-shown":
    "Al servicio de claves no se le ha mostrado el registro de auditoría desde que arrancó. Inténtelo de nuevo dentro de un momento.",
  "keys/ledger-rolled-back":
    "El registro de auditoría es más antiguo que el que vio el servicio de claves, o es otro. Nada se abre ni se destruye hasta que lo mire un operador.",
  "keys/malformed": "El servicio de claves no puede leer esta petición. Puede que las versiones no sean las mismas.",
  "keys/not-a-custodian":
    "Este dispositivo no es de un custodio. Quien lleva el servicio de claves escribe las claves de los custodios en su carpeta.",
  "keys/not-due":
    "Según las condiciones del propio servicio de claves este enlace no ha terminado, así que el paso del tiempo no destruye nada de él.",
  "keys/not-yet": "Este enlace aún no ha empezado. Inténtelo cuando empiece.",
  "keys/shredded": "La parte de la clave está destruida. Ya nadie puede abrir esto.",
  "keys/suspended": "Este envío o enlace está suspendido.",
  "keys/too-many-holds": "Este envío tiene tantas retenciones como puede tener. Levante una antes.",
  "keys/unavailable": "El servicio de claves no puede responder ahora. Inténtelo de nuevo dentro de un momento.",
  "keys/unknown": "El servicio de claves no conoce este envío o enlace.",
  "ledger/certificate-malformed": "Esto no es un certificado de custodia en una forma que esta versión lea.",
  "ledger/tile-missing":
    "No se pudo leer una parte del registro que la firma promete. Inténtelo de nuevo, o use otra copia.",
  "ledger/unavailable":
    "Ahora no se puede escribir en el registro de auditoría, así que no se hace nada más. Inténtelo de nuevo, y avise a su administrador si sigue así.",
  "mail/enough-tests":
    "Ya se enviaron bastantes correos de prueba. Mire los que se enviaron y espere diez minutos para el siguiente.",
  "mail/undelivered": "No se pudo enviar el correo en este momento. Inténtelo de nuevo y compruebe la dirección.",
  "invitation/exists": "Esta dirección tiene una invitación aún abierta. Envíela de nuevo o retírela antes.",
  "invitation/not-enrolled": "Empiece con su nombre y una contraseña; el código viene después.",
  "invitation/unavailable":
    "Esta invitación no funciona. Se usó ya, se retiró, tiene más de 48 horas o la reemplazó un correo más reciente. Pida a su administrador que la envíe de nuevo; si ya se incorporó, inicie sesión.",
  "invitation/unknown": "No existe esa invitación: se retiró, o la persona ya se incorporó.",
  "invitation/wait": "La invitación se envió hace un momento. Espere un minuto antes de enviarla de nuevo.",
  "invitation/wrong-code": "Ese código no es correcto. Escriba los seis dígitos que su autenticador muestra ahora.",
  "member/already-in": "Alguien con esta dirección ya es miembro. Cambie sus funciones.",
  "member/self":
    "Nadie cambia sus propias funciones ni se quita a sí mismo: debe hacerlo otro administrador. Si usted es el único, invite antes a otro.",
  "member/too-many":
    "Su organización tiene tantos miembros e invitaciones abiertas como puede tener. Quite alguno antes.",
  "member/unknown": "No existe ese miembro, o ya se le quitó.",
  "passkey/not-begun": "Esta llave de acceso ya no se puede añadir. Empiece de nuevo.",
  "passkey/refused":
    "Esa llave de acceso no se puede usar aquí. Empiece de nuevo y confirme con su huella, cara o PIN cuando su dispositivo lo pida.",
  "passkey/too-many": "Tiene tantas llaves de acceso como puede tener un miembro. Retire una que ya no use.",
  "passkey/unknown": "Esa llave de acceso ya no está.",
  "permission/refused":
    "Sus funciones no incluyen esto. Pregunte a un administrador de su organización quién puede hacerlo, o pídale que cambie sus funciones.",
  "portal/device-damaged":
    "Ya no se puede leer lo que este navegador guardaba de sus claves. Admítalo de nuevo desde otro de sus dispositivos.",
  "portal/storage-refused":
    "Este navegador no guarda nada para esta página, así que no puede conservar claves. Salga de la ventana privada o permita que este sitio guarde datos.",
  "recovery/conflict": "Existe una solicitud de recuperación con ese identificador y otro contenido. Empiece de nuevo.",
  "recovery/key-moved":
    "Alguien puso otra clave de recuperación en el mismo momento. Mírela antes de hacer tarjetas nuevas.",
  "recovery/no-slot":
    "Este envío se hizo cuando su organización no tenía clave de recuperación, así que nadie puede recuperarlo. Envíe los archivos de nuevo.",
  "recovery/not-approved": "Nadie ha aprobado aún esta recuperación. Debe hacerlo una segunda persona.",
  "recovery/same-person":
    "Una segunda persona debe aprobar una recuperación, en otro dispositivo. Mientras una organización tenga un solo miembro, basta con otro dispositivo de ese miembro.",
  "recovery/too-many": "Hay demasiadas solicitudes de recuperación abiertas. Espere hasta que algunas tengan un día.",
  "recovery/unknown": "No existe esa solicitud de recuperación, o pasaron sus 24 horas. Preséntela de nuevo.",
  "recovery/used": "Esta recuperación ya entregó su única vez. Presente otra solicitud.",
  "request/failed":
    "Algo falló de nuestro lado. No se cambió nada que no se le haya dicho. Inténtelo de nuevo dentro de un momento.",
  "request/invalid": "Falta algo en la petición, o no tiene la forma esperada.",
  "request/range": "El tramo de bytes pedido queda fuera del archivo.",
  "request/slow-down": "Demasiadas peticiones. Espere un momento e inténtelo de nuevo.",
  "request/too-large": "La petición es mayor de lo permitido.",
  "request/unknown-path": "No hay nada en esta dirección.",
  "request/url-expired": "Esta dirección de subida o descarga ya no vale. Pida una nueva.",
  "request/wrong-origin": "La petición no vino de este portal, así que se rechazó.",
  "request/wrong-type": "La petición tiene un tipo de contenido que aquí no se acepta.",
  "setup/not-enrolled": "Empiece la configuración con la organización y el primer miembro; el código viene después.",
  "setup/not-open":
    "Este enlace de configuración no sirve. Ya se usó, o un arranque posterior mostró otro: use el enlace del último arranque, o inicie sesión.",
  "setup/wrong-code": "Ese código no es correcto. Escriba los seis dígitos que su autenticador muestra ahora.",
  "sign-in/locked": "Esta sesión está bloqueada porque nadie la usó durante un rato. Desbloquéela primero.",
  "sign-in/passkey-refused":
    "Esa llave de acceso no fue aceptada. Inténtelo de nuevo, use otra, o use su contraseña y un código.",
  "sign-in/proof-required":
    "Demuestre una vez más que es usted: con una llave de acceso, o con su contraseña y un código.",
  "sign-in/proof-refused":
    "La contraseña y el código no coinciden. Compruebe ambos y use un código nuevo; después de varios fallos hay que esperar unos minutos.",
  "sign-in/refused":
    "La dirección, la contraseña y el código no coinciden. Compruebe los tres; después de varios fallos hay que esperar unos minutos.",
  "sign-in/required": "Inicie sesión primero.",
  "sign-in/session-only": "Un token de API no puede hacer esto. Inicie sesión en el portal y hágalo allí.",
  "sign-in/session-unknown": "Esa sesión ya terminó.",
  "storage/damaged": "Faltan datos guardados o están dañados. Avise a su administrador.",
  "storage/full":
    "El almacenamiento está lleno, así que la parte no se guardó. Avise a su administrador, o inténtelo más tarde.",
  "storage/part-size": "La parte no tiene el tamaño anunciado, así que no se guardó. Envíela de nuevo.",
  "store/busy": "Demasiados cambios coincidieron, así que este no se hizo. Inténtelo de nuevo.",
  "store/conflict": "Ya existe algo con este identificador.",
  "store/damaged": "La base de datos está dañada. Avise a su administrador.",
  "store/full": "El disco de la base de datos está lleno, así que no se cambió nada. Avise a su administrador.",
  "store/unavailable":
    "Ahora no se puede llegar a la base de datos. No se sabe si esto se hizo: mírelo e inténtelo de nuevo dentro de un momento.",
  "token/too-many": "Tiene tantos tokens de API como puede tener un miembro. Revoque uno que ya no se use.",
  "token/unknown": "No existe ese token de API.",
  "transfer/already-ended": "El final de un enlace debe estar en el futuro.",
  "transfer/bad-part": "Esa parte no es de este envío.",
  "transfer/bad-terms": "Las condiciones de un enlace no encajan con este envío.",
  "transfer/beyond-end":
    "El enlace nuevo duraría más que el envío: sus propias claves terminan antes. Elija un final anterior, o envíe los archivos de nuevo.",
  "transfer/conflict": "Ya existe un envío o enlace con ese identificador y otro contenido. Empiece de nuevo.",
  "transfer/factor-not-enrolled":
    "Un destinatario no ha añadido ese segundo factor en su organización. Envíe con una clave de acceso; quien abra con ella puede añadir uno.",
  "transfer/life-too-long": "Un enlace puede durar 7 días como mucho. Elija un final anterior.",
  "transfer/not-active": "Este envío no está abierto para los destinatarios.",
  "transfer/not-destroyed":
    "Solo se puede borrar un envío cuyas claves y contenido estén destruidos. Revóquelo antes, o espere a su final.",
  "transfer/not-draft": "Este envío está sellado o terminado; ya no se puede cambiar.",
  "transfer/over-quota":
    "Su organización no tiene espacio para este envío. Revoque envíos que ya no hagan falta, espere a que terminen algunos, o pida más espacio a su administrador.",
  "transfer/parts-missing": "No han llegado todas las partes del paquete. Suba las que faltan y selle de nuevo.",
  "transfer/same-recipient-twice":
    "El mismo destinatario aparece dos veces. Cada destinatario recibe un enlace propio.",
  "transfer/seal-mismatch": "El sello no corresponde a lo que se subió. Súbalo de nuevo.",
  "transfer/second-factor-required":
    "Estos archivos no están declarados públicos, así que cada destinatario necesita un segundo factor además del enlace: una clave de acceso, por ejemplo.",
  "transfer/too-many-drafts":
    "Hay demasiados envíos empezados y sin terminar. Termine o abandone algunos, o espere: después de un día se van solos.",
  "transfer/too-many-recipients":
    "Este envío tiene tantos destinatarios como puede tener. Envíe los archivos de nuevo a los demás.",
  "transfer/unknown": "No existe ese envío.",
  "portal/file-unreadable":
    "Un archivo ya no se puede leer: se movió, cambió o se retiró su disco desde que lo eligió. No se envió nada. Elija los archivos de nuevo.",
  "portal/saving-stopped":
    "El navegador dejó de guardar este archivo: se canceló en la lista del propio navegador o no queda espacio en el disco. Borre lo que haya quedado de él, libere espacio si hace falta y descárguelo de nuevo.",
  "portal/upload-stopped":
    "El navegador detuvo la subida. Lo que llegó se conserva un día: vuelva a cargar esta página y continúe.",
};
