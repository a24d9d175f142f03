// Spanish.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "Hola, {name}:",
  ring: "llame a la secretaría del colegio: {phone}",
  ask: "pregunte en la secretaría del colegio",
  didNotAsk: "Si usted no ha pedido esto, {turn}.",
  address: "Dirección",
  username: "Nombre de usuario",
  password: "Contraseña",
  detailsSubject: "Sus datos de acceso al Parent Portal de {school}",
  detailsIntro:
    "Estos son sus datos de acceso al Parent Portal de {school}: la dirección (Address), el nombre de usuario (Username) y la contraseña (Password).",
  detailsAfter:
    "La contraseña sirve durante {days} día(s). La primera vez que entre, usted elegirá la suya. La contraseña anterior ya no sirve.",
  detailsHelp: "Si no esperaba este mensaje o no puede entrar, {turn}.",
  phoneRemovedSubject: "Se ha quitado su teléfono del Parent Portal de {school}",
  phoneRemoved:
    "El {at}, la secretaría del colegio quitó el teléfono con el que usted entraba en el Parent Portal de {school}. Las claves de acceso (passkeys) de ese teléfono tampoco sirven ya. La próxima vez que entre, configurará de nuevo la verificación en dos pasos. Su contraseña es la misma.",
  passkeysRemovedSubject: "Se han quitado sus claves de acceso del Parent Portal de {school}",
  passkeysRemoved:
    "El {at}, la secretaría del colegio quitó las claves de acceso (passkeys) con las que usted entraba en el Parent Portal de {school}. Ahora entra con su nombre de usuario y su contraseña. Su contraseña es la misma.",
  passkeyAddedSubject: "Se ha añadido una clave de acceso al Parent Portal de {school}",
  passkeyAdded:
    "El {at} se añadió una clave de acceso (passkey) llamada «{passkey}» a su cuenta del Parent Portal de {school}. Quien tenga ese dispositivo y pueda desbloquearlo puede entrar como usted.",
  passkeyNotYou: "Si no fue usted, {turn}, y cambie su contraseña.",
  recoveryCodesSubject: "Nuevos códigos de recuperación del Parent Portal de {school}",
  recoveryCodes:
    "El {at} se crearon nuevos códigos de recuperación para su cuenta del Parent Portal de {school}. Los códigos de recuperación que tenía antes ya no sirven.",
  passkeyRemovedSubject: "Se ha quitado una clave de acceso del Parent Portal de {school}",
  passkeyRemoved:
    "El {at} se quitó de su cuenta del Parent Portal de {school} la clave de acceso (passkey) llamada «{passkey}». Ya no abre el portal.",
  tfaSetUpSubject: "Se ha configurado la verificación en dos pasos del Parent Portal de {school}",
  tfaSetUp:
    "El {at} se configuró la verificación en dos pasos de su cuenta del Parent Portal de {school}. Para entrar hace falta ahora, además de su contraseña, un código de la aplicación con la que se configuró.",
  tfaOffSubject: "Se ha desactivado la verificación en dos pasos del Parent Portal de {school}",
  tfaOff:
    "El {at}, la secretaría del colegio desactivó la verificación en dos pasos de su cuenta del Parent Portal de {school}. Para entrar basta con su contraseña.",
  passwordChangedSubject: "Se ha cambiado su contraseña del Parent Portal de {school}",
  passwordChanged:
    "El {at} se eligió una contraseña nueva para su cuenta del Parent Portal de {school}. Tendrá que volver a entrar en todos sus dispositivos.",
  passwordNotYou:
    "Si fue usted, no tiene que hacer nada. Si no, {turn}, y elija una contraseña nueva:",
  letterSubject: "Una carta con un código nuevo para el Parent Portal de {school}",
  letter:
    "El {at}, la secretaría del colegio imprimió una carta con un código nuevo para su cuenta del Parent Portal de {school}. La contraseña anterior ya no sirve.",
  linkSubject: "Elija una contraseña nueva para el Parent Portal de {school}",
  link:
    "Alguien, seguramente usted, ha pedido una contraseña nueva para el nombre de usuario {username}. Para elegirla, abra este enlace:",
  linkUntil:
    "El enlace sirve una sola vez, hasta el {until}. Si usted entra con un código de su teléfono, se le pedirá como siempre.",
  linkIgnore:
    "Si usted no ha pedido esto, no haga nada: su contraseña sigue igual. Si se repite, {turn}.",
  usernamesSubject: "Su nombre de usuario del Parent Portal de {school}",
  usernameOne: "Este es su nombre de usuario del Parent Portal de {school}:",
  usernameMany:
    "Estos son los nombres de usuario del Parent Portal de {school} que tienen esta dirección de correo:",
  usernamesSignIn: "Entre, o elija una contraseña nueva, aquí:",
  usernamesIgnore: "Si usted no ha pedido esto, no tiene que hacer nada. Si se repite, {turn}.",
  tfaRequiredSubject:
    "La verificación en dos pasos es ahora obligatoria en el Parent Portal de {school}",
  tfaRequired:
    "La próxima vez que entre en el Parent Portal de {school}, configurará un código con una aplicación de su teléfono. La secretaría del colegio lo hizo obligatorio el {at}.",
  tfaQuestion: "Si tiene alguna pregunta, {turn}.",
  tfaNotRequiredSubject:
    "La verificación en dos pasos ya no es obligatoria en el Parent Portal de {school}",
  tfaNotRequired:
    "Desde el {at} ya no es obligatorio un código de su teléfono para su cuenta del Parent Portal de {school}. Para entrar basta con su contraseña.",
  changedSubject: "Se ha cambiado su cuenta del Parent Portal de {school}",
  changed:
    "El {at}, la secretaría del colegio cambió una cuenta del Parent Portal de {school}. Nombre: {name}. Nombre de usuario: {username}.",
  changedNoEmail: "La cuenta ya no tiene dirección de correo.",
  changedEmail: "Los mensajes se envían ahora a otra dirección de correo: {email}.",
  changedUsername: "El nuevo nombre de usuario es: {username}.",
  changedPassword: "La secretaría del colegio ha puesto una contraseña nueva.",
  mergedSubject: "Ahora tiene una sola cuenta en el Parent Portal de {school}",
  merged:
    "El {at}, la secretaría del colegio unió sus dos cuentas del Parent Portal de {school}. La cuenta con el nombre de usuario {username} está cerrada.",
  mergedKept:
    "A partir de ahora, entre con su otra cuenta, {kept}, y la contraseña de esta. Muestra a los alumnos de las dos.",
  mergedHelp: "Si no esperaba esto o no tiene la otra cuenta, {turn}.",
  languageSaved: "A partir de ahora le escribimos en español.",
};
